package terpan.config;

/** Writes the page of all settings from their declarations. */
final class ConfigurationReference {
    private static final String HEAD = """
            # Configuration

            This page is written from the declarations in `src/main/java/terpan/config/Declarations.java`; to write it anew:
            `mvn test -Dtest=ConfigurationReferenceTest -Dterpan.golden.write=true`.

            ## Where a setting comes from

            Every setting can be given as a flag, as an environment variable or in the settings file. From what counts most to what
            counts least:

            1. the flag, such as `--workers 4`; `-w`, `-b` and `-c` are short for `--workers`, `--bind` and `--config`;
            2. the variable, such as `TERPAN_WORKERS=4`; an empty variable is none;
            3. `PORT` and `WEB_CONCURRENCY`, which hosting platforms set: `PORT=5000` means `--bind 0.0.0.0:5000`,
               `WEB_CONCURRENCY=4` means `--workers 4`;
            4. the settings file: the one named with `--config FILE` or `TERPAN_CONFIG`; else the one in the working
               directory; else the one beside the application (in it, if it is a directory). In each folder that is `terpan.toml`, or the table
               `[tool.terpan]` of a `pyproject.toml`, with the same keys (`[tool.terpan.workers]`); the application's `pyproject.toml` may lie above
               it, at the root of its project;
            5. the default.

            A list, such as `bind`, is replaced as a whole by the highest source that names it; names with values, such as the
            variables of `env`, are merged one by one. As a flag both are given several times; in a variable the values are parted
            by semicolons: `TERPAN_BIND="127.0.0.1:8000;[::1]:8000"`.

            `terpan check` reads everything and reports every problem at once, those of the file with line and column. A mistake in
            the file is a problem even if a flag overrides it. Whether a server takes its options, threads and socket is asked of what counts in the end.

            ## How values are written

            | value | written as |
            | --- | --- |
            | time | a whole number and a unit: `us`, `ms`, `s`, `m`, `h`, `d`; `"30s"` |
            | size | a whole number and a unit: `B`, `KiB`, `MiB`, `GiB`, `TiB`, or `kB`, `MB`, `GB`, `TB` in powers of ten; `"16KiB"` |
            | path | absolute, or relative: in the file to the file's directory, else to the working directory |
            | address | `HOST:PORT`; `:PORT` for every address of the machine (for `attach`: this machine); `PORT` for this machine only; `[IPv6]:PORT`; `unix:PATH`, whose absolute path may have 107 bytes |
            | address to bind | the same, and for a Unix socket `unix:PATH,mode=0660,group=www-data`; with `,tls` behind either, clients speak [TLS](tls.md), with `,h2c` they may speak [HTTP/2](http2.md) without it, with `,proxy-protocol` connections begin with the PROXY protocol's header |
            | address to attach | the same, and `,capacity=N`: how many requests that worker works on at once; `,weight=N` and `,group=NAME`; `,check-path=/healthz` and `,check-every=5s`: see [groups of workers](groups.md#attached-workers) |
            | static files | a table such as `{path = "/static/", directory = "static", max-age = "1h"}`, or the same in one line: `/static/=static,max-age=1h`, with a backslash before a comma or an equals sign that is part of a name: see [static files](static-files.md) |
            | application | `MODULE`, `MODULE:CALLABLE`, `MODULE:FACTORY()`, `FILE.py`, `FILE.py:CALLABLE`, or a directory with `app.py` or `wsgi.py` in it, or with Django's `manage.py` beside a package with `wsgi.py` |

            ## Example

            ```toml
            bind = ["127.0.0.1:8000", "unix:/run/shop/shop.sock,mode=0660,group=www-data"]

            [application]
            name = "shop.wsgi:application"
            env-file = "shop.env"

            [application.env]
            SHOP_MODE = "production"

            [server]
            name = "waitress"

            [workers]
            count = 4
            threads = 8
            drain-timeout = "1m"

            [http]
            max-body = "64MiB"
            ```

            ## Several groups of workers

            Several servers serve one application behind one address, each with its own figures (`terpan status`, `/metrics`, the
            access log), when each has a table `[[workers]]`. It takes the keys of `[workers]`, and instead of the table `[server]`:

            | key | what it is |
            | --- | --- |
            | `server` | the server's name, as `name` in `[server]` |
            | `options` | a table of options for the server, as in `[server]` |

            ```toml
            [[workers]]
            server = "bjoern"
            count = 2
            weight = 3

            [[workers]]
            server = "waitress"
            count = 2
            threads = 8

            [workers.options]
            ident = "shop"
            ```

            A group is called like its server, its workers `bjoern-1`, `bjoern-2`; `name` gives another name, and groups that would have
            the same get a number. With two tables or more, flags and variables that are about workers or their server are refused,
            for nobody could tell which group is meant; `WEB_CONCURRENCY` is left out with a warning. There may be 32 groups, and 1,024
            workers in all. Terpan serves once a worker of every group is ready.

            ## Several applications

            Each has a table `[[applications]]` with tables of its own in it, or a file that `include` names; the tables at the top are for those that say nothing else. Beside `attach`, `static`, `sendfile` and `internal` it has these keys, which are neither flags
            nor variables: see [several applications](applications.md).

            | key | what it is | values | default |
            | --- | --- | --- | --- |
            """;

    private static final String CERTIFICATES = """

            ## Several certificates

            In the table `[tls]` of the file, `certificates` is a list of tables with the keys `certificate`, `key` and `passphrase-file`, in place of those keys
            in `[tls]` itself: see [TLS](tls.md#certificates-and-keys). `--tls-certificate` on the command line replaces the list.
            """;

    private ConfigurationReference() {}

    static String markdown() {
        StringBuilder page = new StringBuilder(HEAD);
        ApplicationDeclarations.above().stream()
                .filter(setting -> !Declarations.all().contains(setting))
                .forEach(setting -> page.append("| `" + setting.key() + "` | " + setting.description() + " | "
                        + form(setting) + " | " + standard(setting) + " |\n"));
        page.append(CERTIFICATES);
        for (Section section : Section.values()) {
            page.append("\n## ").append(section.title());
            page.append(section.key().isEmpty() ? " (above every table)" : " `[" + section.key() + "]`");
            page.append("\n\n").append(section.description()).append("\n\n");
            page.append(
                    "| key | flag and variable | what it is | values | default |\n| --- | --- | --- | --- | --- |\n");
            Declarations.all().stream()
                    .filter(setting -> setting.section() == section)
                    .forEach(setting -> page.append(row(setting)));
        }
        return page.toString();
    }

    private static String form(Setting<?> setting) {
        return switch (setting.shape()) {
            case ONE -> setting.form();
            case LIST -> "a list, each " + setting.form();
            case ENTRIES -> "a table of names with values; as a flag " + setting.form();
        };
    }

    private static String row(Setting<?> setting) {
        String letter = setting.shortFlag().map(flag -> "`" + flag + "` ").orElse("");
        return "| `" + setting.key() + "` | " + letter + "`" + setting.flag() + "` `" + setting.variable() + "` | "
                + setting.description() + " | " + form(setting) + " | " + standard(setting) + " |\n";
    }

    private static String standard(Setting<?> setting) {
        return setting.computed().isEmpty() && !setting.standard().isEmpty()
                ? "`" + setting.standard() + "`"
                : setting.defaultText().orElse("");
    }
}
