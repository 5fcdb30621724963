package terpan.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import terpan.config.Declarations;
import terpan.config.Setting;

/**
 * Reads the plainest {@code serve} lines: whole flags with their values and one application. Whatever it does not fully
 * understand is left to picocli, which alone knows help and mistakes; it is here because loading picocli's classes, which
 * the JVM's cache does not take, would be a third of a start.
 */
final class PlainServe {
    private static final String NO = "--no-";

    private final Map<String, Setting<?>> known = new HashMap<>();
    private final Map<Setting<?>, List<String>> given = new HashMap<>();
    private Optional<Path> file = Optional.empty();
    private boolean install;

    private PlainServe() {
        for (Setting<?> setting : Declarations.all()) {
            known.put(setting.flag(), setting);
            setting.shortFlag().ifPresent(letter -> known.put(letter, setting));
        }
    }

    /** What the line says; nothing if picocli has to read it. */
    static Optional<ServeLine> read(List<String> arguments) {
        if (arguments.isEmpty() || !arguments.getFirst().equals(Command.SERVE.word())) {
            return Optional.empty();
        }
        PlainServe reader = new PlainServe();
        Iterator<String> words = arguments.subList(1, arguments.size()).iterator();
        while (words.hasNext()) {
            if (!reader.take(words.next(), words)) {
                return Optional.empty();
            }
        }
        return Optional.of(reader.line());
    }

    /** Takes in a word, with the next one if that is its value; false: it is not plain. */
    private boolean take(String word, Iterator<String> rest) {
        if (isPlain(word)) {
            return takeArgument(word);
        }
        if (word.equals(CommandSpecs.INSTALL)) {
            boolean first = !install;
            install = true;
            return first;
        }
        return takeSwitch(word) || takeFlag(word, rest);
    }

    private boolean takeArgument(String word) {
        return Declarations.all().stream()
                .filter(Setting::isArgument)
                .allMatch(argument -> given.putIfAbsent(argument, List.of(word)) == null);
    }

    private boolean takeSwitch(String word) {
        boolean off = word.startsWith(NO);
        Setting<?> setting = known.get(off ? "--" + word.substring(NO.length()) : word);
        return setting != null
                && setting.isSwitch()
                && given.putIfAbsent(setting, List.of(String.valueOf(!off))) == null;
    }

    private boolean takeFlag(String word, Iterator<String> rest) {
        int sign = word.indexOf('=');
        String name = sign < 0 ? word : word.substring(0, sign);
        String value = sign >= 0 ? word.substring(sign + 1) : rest.hasNext() ? rest.next() : "";
        if (!isPlain(value)) {
            return false;
        }
        if (name.equals(CommandSpecs.CONFIG) || name.equals(CommandSpecs.CONFIG_LETTER)) {
            boolean first = file.isEmpty();
            file = Optional.of(Path.of(value));
            return first;
        }
        Setting<?> setting = known.get(name);
        if (setting == null || setting.isSwitch() || setting.isArgument()) {
            return false;
        }
        List<String> values = given.computeIfAbsent(setting, none -> new ArrayList<>());
        values.add(value);
        return values.size() == 1 || setting.shape() != Setting.Shape.ONE;
    }

    /** Empty words, options, files of arguments and quotes mean something to picocli. */
    private static boolean isPlain(String word) {
        return !word.isEmpty() && "-@\"'".indexOf(word.charAt(0)) < 0;
    }

    private ServeLine line() {
        Map<Setting<?>, List<String>> flags = new LinkedHashMap<>();
        for (Setting<?> setting : Declarations.all()) {
            List<String> values = given.get(setting);
            if (values != null) {
                flags.put(setting, List.copyOf(values));
            }
        }
        return new ServeLine(flags, file, install);
    }
}
