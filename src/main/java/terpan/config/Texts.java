package terpan.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The two sources that are plain text: flags and environment variables. */
final class Texts {
    static final String CONCURRENCY = "WEB_CONCURRENCY";
    private static final String LIST_SEPARATOR = ";";
    private static final String PREFIX = "TERPAN_";

    /** What Java makes of bytes that it can not read. */
    private static final char UNREADABLE = '\ufffd';

    private final Path base;
    private final List<Problem> problems;

    Texts(Path base, List<Problem> problems) {
        this.base = base;
        this.problems = problems;
    }

    /** What the flags say: for each setting its values in their order. */
    Given flags(Map<Setting<?>, List<String>> flags) {
        Given given = Given.empty();
        flags.forEach((setting, texts) -> {
            Where where = new Where.Flag(setting.flag());
            given.put(setting, where, items(setting, where, texts));
        });
        return given;
    }

    /** What the variables {@code TERPAN_*} say; an empty variable is none. Lists and entries are parted by semicolons. */
    Given variables(Map<String, String> environment) {
        Given given = Given.empty();
        for (Setting<?> setting : Declarations.all()) {
            String text = environment.getOrDefault(setting.variable(), "");
            if (!text.isEmpty()) {
                List<String> texts = setting.shape() == Setting.Shape.ONE
                        ? List.of(text)
                        : List.of(text.split(LIST_SEPARATOR, -1)).stream()
                                .map(String::strip)
                                .filter(part -> !part.isEmpty())
                                .toList();
                Where where = new Where.Variable(setting.variable());
                given.put(setting, where, items(setting, where, texts));
            }
        }
        return given;
    }

    /** What hosting platforms say: {@code PORT}, on every address, and {@code WEB_CONCURRENCY}, the worker processes. */
    Given platform(Map<String, String> environment) {
        Given given = Given.empty();
        String port = environment.getOrDefault("PORT", "");
        Where where = new Where.Variable("PORT");
        if (port.matches("[0-9]{1,5}")) {
            given.put(Declarations.BIND, where, List.of(Item.quoted(where, base, "0.0.0.0:" + port)));
        } else if (!port.isEmpty()) {
            problems.add(Problem.setting(where, "PORT is \"" + port + "\", expected a port from 0 to 65,535"));
        }
        String workers = environment.getOrDefault(CONCURRENCY, "");
        if (!workers.isEmpty()) {
            Where concurrency = new Where.Variable(CONCURRENCY);
            given.put(WorkerDeclarations.COUNT, concurrency, List.of(Item.quoted(concurrency, base, workers)));
        }
        return given;
    }

    /** Variables that look like a mistyped setting. Others that begin alike may be someone else's, so they are no problem. */
    static List<String> warnings(Map<String, String> environment) {
        Map<String, String> known = new LinkedHashMap<>();
        Declarations.all().forEach(setting -> known.put(setting.variable().substring(PREFIX.length()), ""));
        known.put("CONFIG", "");
        List<String> warnings = new ArrayList<>();
        environment.keySet().stream()
                .filter(name -> name.startsWith(PREFIX))
                .map(name -> name.substring(PREFIX.length()))
                .filter(name -> !known.containsKey(name))
                .sorted()
                .forEach(name -> Nearest.to(name, known.keySet())
                        .ifPresent(near -> warnings.add("the variable " + PREFIX + name
                                + " is no setting and was left out; did you mean " + PREFIX + near + "?")));
        return warnings;
    }

    private List<Item> items(Setting<?> setting, Where where, List<String> texts) {
        List<Item> items = new ArrayList<>();
        for (String text : texts) {
            if (text.indexOf(UNREADABLE) >= 0) {
                problems.add(Problem.setting(
                        where,
                        setting.name() + " has bytes that are not UTF-8, or a locale without UTF-8" + " changed it: \""
                                + text + "\"; run in a locale such as LC_ALL=C.UTF-8"));
                continue;
            }
            if (setting.shape() != Setting.Shape.ENTRIES) {
                items.add(Item.quoted(where, base, text));
                continue;
            }
            int equals = text.indexOf('=');
            if (equals < 0) {
                problems.add(Problem.setting(
                        where, setting.name() + " is \"" + text + "\", expected NAME=VALUE with an equals sign"));
            } else {
                String value = text.substring(equals + 1);
                items.add(new Item(where, base, text.substring(0, equals), value, '"' + value + '"'));
            }
        }
        return items;
    }
}
