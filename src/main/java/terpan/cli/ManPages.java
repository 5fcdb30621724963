package terpan.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import terpan.config.Declarations;
import terpan.config.Section;
import terpan.config.Setting;
import terpan.daemon.ExitCode;
import terpan.daemon.Version;

/**
 * Writes the manual pages of a package from the declarations: {@code terpan(1)}, one for each command, and {@code terpan.toml(5)}. What builds
 * packages runs it; nothing else does.
 */
public final class ManPages {
    private static final String FILE = "terpan.toml";

    private ManPages() {}

    /** Writes them into the folder that is the one argument. */
    public static void main(String[] arguments) throws IOException {
        for (Map.Entry<String, String> page : pages().entrySet()) {
            Files.writeString(Path.of(arguments[0]).resolve(page.getKey()), page.getValue());
        }
    }

    /** Every page by the name of its file. */
    static Map<String, String> pages() {
        Map<String, String> pages = new LinkedHashMap<>();
        pages.put("terpan.1", program());
        CommandSpec root = CommandSpecs.root(List.of(Command.values()));
        for (Command command : Command.values()) {
            CommandSpec spec = Objects.requireNonNull(root.subcommands().get(command.word()))
                    .getCommandSpec();
            pages.put("terpan-" + command.word() + ".1", command(command, spec));
        }
        pages.put(FILE + ".5", settings());
        return pages;
    }

    private static String program() {
        Page page = new Page("terpan", 1, "serves Python web applications on every core");
        page.section("SYNOPSIS").line(".B terpan").text("COMMAND [OPTIONS] [ARGUMENTS]");
        page.section("DESCRIPTION")
                .text(
                        "Terpan serves a Python web application on every core, with any WSGI server. It starts one Python process"
                                + " for each core, each on a Unix socket of its own, keeps them alive, and hands every HTTP request to"
                                + " one that is free now.");
        page.section("COMMANDS");
        for (Command command : Command.values()) {
            page.item("terpan-" + command.word() + "(1)", command.text());
        }
        exitStatus(page);
        page.section("FILES");
        page.item(
                FILE,
                "The settings, in the folder that Terpan is started from or beside the application: terpan.toml(5).");
        page.item("pyproject.toml", "The same in its table [tool.terpan].");
        page.section("ENVIRONMENT");
        page.item("TERPAN_...", "Every setting has a variable: terpan.toml(5).");
        page.item("PORT, WEB_CONCURRENCY", "The port of every address, and the number of workers.");
        page.item("TERPAN_CONFIG", "The settings file.");
        page.item(
                "NOTIFY_SOCKET, WATCHDOG_USEC, LISTEN_FDS",
                "A service manager that is told how Terpan is, and whose sockets are listened on: sd_notify(3), sd_listen_fds(3).");
        page.section("SEE ALSO").text("terpan-serve(1), terpan.toml(5)");
        return page.toString();
    }

    private static String command(Command command, CommandSpec spec) {
        Page page = new Page("terpan-" + command.word(), 1, lowered(command.text()));
        List<String> arguments = spec.positionalParameters().stream()
                .map(argument -> argument.required() ? argument.paramLabel() : "[" + argument.paramLabel() + "]")
                .toList();
        page.section("SYNOPSIS").line(".B terpan " + command.word()).text("[OPTIONS] " + String.join(" ", arguments));
        page.section("DESCRIPTION").text(command.text());
        if (!spec.positionalParameters().isEmpty()) {
            page.section("ARGUMENTS");
            spec.positionalParameters().forEach(argument -> page.item(argument.paramLabel(), described(argument)));
        }
        page.section("OPTIONS");
        spec.options().stream().filter(option -> option.group() == null).forEach(option -> option(page, option));
        spec.argGroups().forEach(group -> {
            page.subsection(Optional.ofNullable(group.heading())
                    .orElse("")
                    .replace("%n", "")
                    .replaceFirst(":$", ""));
            group.allOptionsNested().forEach(option -> option(page, option));
        });
        page.section("EXAMPLES").lines(command.examples().lines().toList());
        exitStatus(page);
        page.section("SEE ALSO").text("terpan(1), terpan.toml(5)");
        return page.toString();
    }

    private static void option(Page page, OptionSpec option) {
        String names = String.join(", ", option.names());
        page.item(option.arity().max() == 0 ? names : names + " " + option.paramLabel(), described(option));
    }

    private static String described(ArgSpec argument) {
        return String.join(" ", argument.description()).replace("%%", "%");
    }

    private static String lowered(String sentence) {
        return Character.toLowerCase(sentence.charAt(0)) + sentence.substring(1).replaceFirst("\\.$", "");
    }

    private static void exitStatus(Page page) {
        page.section("EXIT STATUS");
        for (ExitCode code : ExitCode.values()) {
            page.item(Integer.toString(code.code()), code.text());
        }
    }

    private static String settings() {
        Page page = new Page(FILE, 5, "the settings of terpan");
        page.section("DESCRIPTION")
                .text(
                        "A settings file is TOML. It is looked for in the folder that Terpan is started from, else beside the application, or named"
                                + " with --config. A table [tool.terpan] of pyproject.toml takes the same keys. A flag counts more than a variable,"
                                + " a variable more than the file; all mistakes are told at once, with file, line and column.");
        for (Section section : Section.values()) {
            page.section(section.key().isEmpty() ? "ABOVE EVERY TABLE" : "[" + section.key() + "]");
            page.text(section.description());
            Declarations.all().stream()
                    .filter(setting -> setting.section() == section)
                    .forEach(setting -> page.item(setting.key(), described(setting)));
        }
        page.section("SEE ALSO").text("terpan-serve(1), terpan-check(1)");
        return page.toString();
    }

    private static String described(Setting<?> setting) {
        String form = switch (setting.shape()) {
            case ONE -> setting.form();
            case LIST -> "a list, each " + setting.form();
            case ENTRIES -> "a table of names with values";
        };
        return setting.description() + " It is " + form + "."
                + setting.defaultText()
                        .map(text -> " The default is " + text + ".")
                        .orElse("") + " Also "
                + setting.flag() + " and " + setting.variable() + ".";
    }

    /** A page as roff has it. */
    private static final class Page {
        private final List<String> lines = new ArrayList<>();

        Page(String name, int section, String what) {
            lines.add(".TH " + escaped(name).toUpperCase(java.util.Locale.ROOT) + " " + section + " \"\" \"Terpan "
                    + Version.TEXT + "\" \"Terpan\"");
            section("NAME").line(escaped(name) + " \\- " + escaped(what));
        }

        Page section(String title) {
            return line(".SH \"" + escaped(title) + "\"");
        }

        Page subsection(String title) {
            return line(".SS \"" + escaped(title) + "\"");
        }

        Page line(String roff) {
            lines.add(roff);
            return this;
        }

        Page text(String text) {
            return line(escaped(text));
        }

        void item(String name, String text) {
            line(".TP").line("\\fB" + escaped(name) + "\\fR").text(text);
        }

        void lines(List<String> examples) {
            line(".nf");
            examples.forEach(this::text);
            line(".fi");
        }

        /** What stands for itself: no macro at the beginning of a line, no hyphen that a minus is meant by. */
        private static String escaped(String text) {
            String plain = text.replace("\\", "\\e").replace("-", "\\-").replace("\"", "\\(dq");
            return plain.startsWith(".") || plain.startsWith("'") ? "\\&" + plain : plain;
        }

        @Override
        public String toString() {
            return String.join("\n", lines) + "\n";
        }
    }
}
