package dev.dualwrite.relay.capture;

import java.util.List;

/**
 * What a secondary must hold of each aggregate type of the sample, by SQL on the primary's own tables: the parts of the key and
 * the state.
 */
record SampleTables(String aggregate, int keys, String query) {

    static final List<SampleTables> ALL = List.of(
            new SampleTables("order", 1, """
                    SELECT o.id::text, jsonb_build_object(
                        'id', o.id, 'version', o.version, 'status', o.status, 'total', o.total,
                        'address', CASE WHEN num_nonnulls(o.street, o.east, o.north) > 0 THEN jsonb_build_object(
                            'street', o.street,
                            'place', CASE WHEN num_nonnulls(o.east, o.north) > 0
                                THEN jsonb_build_object('east', o.east, 'north', o.north) END) END,
                        'customer', o.customer_name,
                        'lines', coalesce((
                            SELECT jsonb_agg(jsonb_build_object('id', l.id, 'quantity', l.quantity,
                                'notes', coalesce((
                                    SELECT jsonb_agg(jsonb_build_object('id', n.id, 'text', n.text) ORDER BY n.id)
                                    FROM line_note n WHERE n.line_id = l.id), '[]')) ORDER BY l.id)
                            FROM order_line l WHERE l.order_id = o.id), '[]'),
                        'shipment', (
                            SELECT jsonb_build_object('id', s.order_id, 'carrier', s.carrier)
                            FROM shipment s WHERE s.order_id = o.id),
                        'tags', coalesce((
                            SELECT jsonb_agg(t.tags ORDER BY t.tags COLLATE "C")
                            FROM order_tags t WHERE t.order_id = o.id), '[]'),
                        'discounts', coalesce((
                            SELECT jsonb_object_agg(d.discounts_key, d.discounts)
                            FROM order_discounts d WHERE d.order_id = o.id), '{}'))
                    FROM orders o
                    """),
            new SampleTables("customer", 1, """
                    SELECT c.name, jsonb_build_object('name', c.name, 'distance', c.distance, 'biography', p.biography,
                        'phones', coalesce((
                            -- Writers that remove at once may leave a gap between the places, where Hibernate reads nothing.
                            SELECT jsonb_agg(CASE WHEN f.place IS NOT NULL
                                             THEN jsonb_build_object('kind', f.kind, 'number', f.number) END ORDER BY i.place)
                            FROM generate_series(0, (SELECT max(m.place) FROM customer_phones m
                                                     WHERE m.customer_name = c.name)) AS i (place)
                            LEFT JOIN customer_phones f ON f.customer_name = c.name AND f.place = i.place), '[]'))
                    FROM customer c
                    LEFT JOIN customer_profile p ON p.name = c.name
                    """),
            new SampleTables("customer-card", 1, """
                    SELECT customer_name,
                        jsonb_build_object('id', customer_name, 'customer', customer_name, 'points', points)
                    FROM customer_card
                    """),
            new SampleTables("vehicle", 1, """
                    SELECT id::text, jsonb_build_object('id', id, 'type', kind, 'wheels', wheels)
                        || CASE kind WHEN 'C' THEN jsonb_build_object('doors', doors)
                           ELSE jsonb_build_object('load', load) END
                    FROM vehicle
                    """),
            new SampleTables("payment", 1, """
                    SELECT p.id::text, jsonb_build_object('id', p.id, 'version', p.version, 'amount', p.amount)
                        || CASE WHEN c.id IS NOT NULL THEN jsonb_build_object('type', 'Card', 'card', c.card)
                           ELSE jsonb_build_object('type', 'Bank', 'account', b.account) END
                    FROM payment p
                    LEFT JOIN card c ON c.id = p.id
                    LEFT JOIN bank b ON b.id = p.id
                    """),
            new SampleTables("document", 1, """
                    SELECT id::text, jsonb_build_object(
                        'id', id, 'entityType', 'Invoice', 'type', type, 'debtor', debtor) FROM invoice
                    UNION ALL
                    SELECT id::text, jsonb_build_object(
                        'id', id, 'entityType', 'Receipt', 'type', type, 'payer', payer) FROM receipt
                    """),
            new SampleTables("seat", 2, """
                    SELECT hall_row, number::text, jsonb_build_object(
                        'place', jsonb_build_object('row', hall_row, 'number', number), 'category', category)
                    FROM seat
                    """),
            new SampleTables("booking", 2, """
                    SELECT day::text, room::text, jsonb_build_object('day', day, 'room', room, 'guest', guest,
                        'seat', CASE WHEN seat_number IS NOT NULL
                            THEN jsonb_build_object('row', seat_hall_row, 'number', seat_number) END)
                    FROM booking
                    """),
            new SampleTables("article", 1, """
                    SELECT id::text, jsonb_build_object('id', id, 'version', version, 'title', title)
                    FROM article
                    WHERE NOT deleted
                    """),
            new SampleTables("course", 1, """
                    SELECT c.id::text, jsonb_build_object('id', c.id, 'title', c.title,
                        'students', coalesce((
                            SELECT jsonb_agg(s.students_id ORDER BY s.students_id)
                            FROM course_students s WHERE s.courses_id = c.id), '[]'))
                    FROM course c
                    """),
            new SampleTables("student", 1, "SELECT id::text, jsonb_build_object('id', id, 'name', name) FROM student"),
            new SampleTables("album", 1, """
                    SELECT a.id::text, jsonb_build_object('id', a.id, 'title', a.title,
                        'tracks', coalesce((
                            SELECT jsonb_agg(t.tracks_id ORDER BY i.place)
                            FROM generate_series(0, (SELECT max(m.place) FROM album_tracks m
                                                     WHERE m.album_id = a.id)) AS i (place)
                            LEFT JOIN album_tracks t ON t.album_id = a.id AND t.place = i.place), '[]'))
                    FROM album a
                    """),
            new SampleTables("track", 1, "SELECT id::text, jsonb_build_object('id', id, 'title', title) FROM track"),
            new SampleTables("gadget", 1, """
                    SELECT id::text, jsonb_build_object('id', id, 'settings', settings, 'names', names,
                        'numbers', numbers, 'colour', colour, 'picture', encode(picture, 'base64'), 'active', active)
                    FROM gadget
                    """));
}
