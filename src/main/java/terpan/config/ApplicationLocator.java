package terpan.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Turns what the person named into what the worker has to import. Only the file system is asked; whether a module imports and
 * which of its names is the application is for Python to say.
 */
public final class ApplicationLocator {
    private static final List<String> FILES = List.of("app.py", "wsgi.py");
    private static final List<String> LESS_USUAL_FILES = List.of("asgi.py", "main.py");
    private static final String SOURCES = "src";
    private static final Pattern NAMED = Pattern.compile("(.*?)(?::([^/:]*))?");
    private static final Pattern DOTTED = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*(\\.[\\p{L}_][\\p{L}\\p{N}_]*)*");
    private static final Pattern WORD = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*");
    private static final String LOADED_BY_PATH = "terpan_application";
    private static final int MOST_DIRECTORIES = 1_000;

    private ApplicationLocator() {}

    /**
     * Locates the application.
     *
     * @param name what the person named
     * @param base the directory against which a path counts, and from which a module is imported
     * @param chdir the directory that was asked for instead, for a module
     */
    public static Located<AppTarget> locate(String name, Path base, Optional<Path> chdir) {
        Matcher matcher = NAMED.matcher(name.strip());
        if (!matcher.matches() || matcher.group(1).isBlank()) {
            return missing(
                    "the application \"" + name + "\" has no module, expected MODULE:CALLABLE, FILE.py or a directory");
        }
        String place = matcher.group(1);
        Optional<String> written = Optional.ofNullable(matcher.group(2));
        boolean factory = written.map(text -> text.endsWith("()")).orElse(false);
        Optional<String> callable = written.map(text -> factory ? text.substring(0, text.length() - 2) : text);
        if (callable.isPresent() && !DOTTED.matcher(callable.get()).matches()) {
            return missing("the callable \"" + written.orElse("") + "\" of the application \"" + name
                    + "\" is no name, expected NAME, or NAME() for a factory without arguments");
        }
        return place(place, base, chdir)
                .map(found -> new AppTarget(found.directory, found.home, found.module, found.file, callable, factory))
                .<Located<AppTarget>>map(Located.Found::new)
                .orElseGet(() -> missing(nothingFound(place, base)));
    }

    private record Place(Path directory, Path home, String module, Optional<Path> file) {
        Place(Path directory, String module, Optional<Path> file) {
            this(directory, directory, module, file);
        }
    }

    private static Optional<Place> place(String place, Path base, Optional<Path> chdir) {
        Path path = base.resolve(place).normalize();
        if (Files.isDirectory(path)) {
            Optional<Place> inside = insideDirectory(path);
            if (inside.isPresent() || !isModule(place, path)) {
                return inside;
            }
        }
        if (place.endsWith(".py") || place.contains("/")) {
            return Files.isRegularFile(path) ? Optional.of(ofFile(path)) : Optional.empty();
        }
        return DOTTED.matcher(place).matches() ? Optional.of(ofModule(place, chdir.orElse(base))) : Optional.empty();
    }

    /** A module that is not beside us but below {@code src} is imported from there, as if it were installed. */
    private static Place ofModule(String module, Path from) {
        String first = module.replaceFirst("\\..*", "");
        Path sources = from.resolve(SOURCES);
        boolean below = !holds(from, first) && holds(sources, first);
        return new Place(below ? sources : from, from, module, Optional.empty());
    }

    private static boolean holds(Path directory, String module) {
        return Files.isRegularFile(directory.resolve(module + ".py")) || Files.isDirectory(directory.resolve(module));
    }

    /** A package beside us is imported by its name although it is a directory. */
    private static boolean isModule(String place, Path path) {
        return WORD.matcher(place).matches() && Files.isRegularFile(path.resolve("__init__.py"));
    }

    private static Optional<Place> insideDirectory(Path directory) {
        Path sources = directory.resolve(SOURCES);
        return fileIn(directory, FILES)
                .or(() -> djangoProject(directory, "wsgi.py"))
                .or(() -> djangoProject(directory, "asgi.py"))
                .or(() -> fileIn(directory, LESS_USUAL_FILES))
                .or(() -> fileIn(sources, FILES))
                .or(() -> fileIn(sources, LESS_USUAL_FILES));
    }

    private static Optional<Place> fileIn(Path directory, List<String> names) {
        return names.stream()
                .map(directory::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .map(ApplicationLocator::ofFile);
    }

    /** Django's layout: {@code manage.py} beside the one package that holds {@code wsgi.py}. */
    private static Optional<Place> djangoProject(Path directory, String name) {
        if (!Files.isRegularFile(directory.resolve("manage.py"))) {
            return Optional.empty();
        }
        try (Stream<Path> inner = Files.list(directory)) {
            List<Path> found = inner.limit(MOST_DIRECTORIES)
                    .map(path -> path.resolve(name))
                    .filter(Files::isRegularFile)
                    .limit(2)
                    .toList();
            return found.size() == 1 ? Optional.of(ofFile(found.getFirst())) : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    /** A file inside packages is imported from above them, so that its relative imports work. */
    private static Place ofFile(Path file) {
        String stem = file.getFileName().toString().replaceFirst("\\.py$", "");
        Path directory = Optional.ofNullable(file.getParent()).orElse(file);
        if (!file.getFileName().toString().endsWith(".py")
                || !WORD.matcher(stem).matches()) {
            return new Place(directory, LOADED_BY_PATH, Optional.of(file));
        }
        String module = stem;
        while (Files.isRegularFile(directory.resolve("__init__.py"))
                && directory.getParent() != null
                && WORD.matcher(directory.getFileName().toString()).matches()) {
            module = directory.getFileName() + "." + module;
            directory = directory.getParent();
        }
        return new Place(directory, module, Optional.empty());
    }

    private static String nothingFound(String place, Path base) {
        Path path = base.resolve(place).normalize();
        if (Files.isDirectory(path)) {
            return "the directory " + path + " holds no application, expected "
                    + "app.py, wsgi.py, asgi.py or main.py in it or in its folder src; name it as MODULE:CALLABLE or FILE.py:CALLABLE";
        }
        if (place.endsWith(".py") || place.contains("/")) {
            return "the application was not found: there is no file or directory " + path;
        }
        return "the application \"" + place + "\" is no module's name, and there is no file or directory " + path;
    }

    private static Located<AppTarget> missing(String message) {
        return new Located.Missing<>(message);
    }
}
