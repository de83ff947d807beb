package dev.dualwrite.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ChartTest {

    @Test
    void longestBarFillsTheRoomAndTheOthersAreInProportion() throws Exception {
        var bars = new LinkedHashMap<String, Double>();
        bars.put("limit", 20_000.0);
        bars.put("relay", 10_000.0);

        Document svg = parsed(new Chart(List.of(new Findings.Bars("Drain", bars))));

        assertThat(all(svg, "rect"))
                .extracting(bar -> bar.getAttribute("width"))
                .containsExactly("400", "200");
        assertThat(all(svg, "text"))
                .extracting(Element::getTextContent)
                .containsExactly("Drain", "limit", "20,000", "relay", "10,000");
    }

    @Test
    void namesAreEscaped() throws Exception {
        Document svg = parsed(new Chart(List.of(new Findings.Bars("a < b & c > d", Map.of("<x & \"y\">", 1.0)))));

        assertThat(all(svg, "text"))
                .extracting(Element::getTextContent)
                .containsExactly("a < b & c > d", "<x & \"y\">", "1.00");
    }

    @Test
    void nothingMeasuredIsAnEmptyPicture() throws Exception {
        assertThat(all(parsed(new Chart(List.of())), "rect")).isEmpty();
        assertThat(all(parsed(new Chart(List.of(new Findings.Bars("none", Map.of())))), "rect"))
                .isEmpty();
    }

    @Test
    void whatTookNothingHasABarOfOnePoint() throws Exception {
        Document svg = parsed(new Chart(List.of(new Findings.Bars("zeros", Map.of("idle", 0.0)))));

        assertThat(all(svg, "rect"))
                .extracting(bar -> bar.getAttribute("width"))
                .containsExactly("1");
    }

    private static Document parsed(Chart chart) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(chart.svg().getBytes(StandardCharsets.UTF_8)));
    }

    private static List<Element> all(Document document, String name) {
        NodeList nodes = document.getElementsByTagName(name);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> (Element) nodes.item(i))
                .toList();
    }
}
