package dev.dualwrite.spring.operate;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;
import org.springframework.boot.health.actuate.endpoint.AdditionalHealthEndpointPath;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroup;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;

/**
 * The groups that the user has, and one more. Immutable.
 *
 * @param users theirs
 * @param name of the one more
 * @param added that one
 */
record OutboxHealthGroups(HealthEndpointGroups users, String name, HealthEndpointGroup added)
        implements HealthEndpointGroups {

    /** With the group, unless the user has defined one of that name. */
    static HealthEndpointGroups with(HealthEndpointGroups users, String name, String member) {
        return users.get(name) != null
                ? users
                : new OutboxHealthGroups(users, name, new OutboxHealthGroup(member, users.getPrimary()));
    }

    @Override
    public HealthEndpointGroup getPrimary() {
        return users.getPrimary();
    }

    @Override
    public Set<String> getNames() {
        var names = new LinkedHashSet<>(users.getNames());
        names.add(name);
        return names;
    }

    @Override
    public @Nullable HealthEndpointGroup get(String asked) {
        return asked.equals(name) ? added : users.get(asked);
    }

    @Override
    public @Nullable HealthEndpointGroup get(AdditionalHealthEndpointPath path) {
        return users.get(path);
    }

    @Override
    public Set<HealthEndpointGroup> getAllWithAdditionalPath(WebServerNamespace namespace) {
        return users.getAllWithAdditionalPath(namespace);
    }
}
