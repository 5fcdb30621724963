package terpan.edge.pages;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A page with places such as {@code {{request-id}}} that are filled for each answer; what is filled in is escaped. */
final class PageTemplate {
    static final List<String> PLACES = List.of("status", "title", "reason", "request-id", "cause");
    private static final Pattern PLACE = Pattern.compile("\\{\\{\\s*([^{}]*?)\\s*}}");

    private final PageForm form;

    /** Fixed text and names of places in turn, text first. */
    private final List<String> parts = new ArrayList<>();

    /**
     * Takes a page apart.
     *
     * @throws IllegalArgumentException a place has a name that nothing is known for
     */
    PageTemplate(PageForm form, String text) {
        this.form = form;
        Matcher place = PLACE.matcher(text);
        int from = 0;
        while (place.find()) {
            if (!PLACES.contains(place.group(1))) {
                throw new IllegalArgumentException("there is no {{" + place.group(1) + "}}, only "
                        + String.join(
                                ", ",
                                PLACES.stream().map(name -> "{{" + name + "}}").toList()));
            }
            parts.add(text.substring(from, place.start()));
            parts.add(place.group(1));
            from = place.end();
        }
        parts.add(text.substring(from));
    }

    String fill(Map<String, String> values) {
        StringBuilder page = new StringBuilder(parts.getFirst());
        for (int i = 1; i < parts.size(); i += 2) {
            page.append(form.escaped(values.getOrDefault(parts.get(i), ""))).append(parts.get(i + 1));
        }
        return page.toString();
    }
}
