package terpan.cli;

import java.util.List;
import java.util.Optional;

/** The commands, in the order of help. */
enum Command {
    SERVE("serve", "Serves a Python web application on every core.", """
                    terpan serve app.py                      the callable application, else app, of a file
                    terpan serve shop.wsgi:application       a module and its callable
                    terpan serve 'shop:make()'               a factory
                    terpan serve --install examples/guestbook
                    terpan serve --server waitress --workers 4 --threads 8 app.py
                    terpan serve --bind :80 --bind 'unix:/run/shop.sock,mode=0660,group=www-data' app.py
                    terpan serve --attach unix:/run/other.sock,capacity=4"""),
    CHECK("check", "Checks the settings and imports the application, without serving.", """
                    terpan check app.py
                    terpan check --config terpan.toml
                    terpan check --suggest mysite/wsgi.py"""),
    SERVERS("servers", "Lists the servers that Terpan can start, and what an environment has of them.", """
                    terpan servers
                    terpan servers examples/guestbook
                    terpan servers --python .venv --json"""),
    PROBE("probe", "Starts one worker of a server, measures what it does, and compares that with its profile.", """
                    terpan probe waitress
                    terpan probe gunicorn --threads 4 --python .venv --idle 10
                    terpan probe gunicorn --server-option worker-class=gevent --json"""),
    DOCTOR(
            "doctor",
            "Looks whether settings and machine fit, without serving; or at what a running Terpan's figures say.",
            """
                    terpan doctor app.py
                    terpan doctor --config terpan.toml --json
                    terpan doctor --live"""),
    STATUS("status", "Shows a running Terpan at a glance: what is wrong, applications, workers, queue, requests.", """
                    terpan status
                    terpan status --json
                    terpan status --watch --interval 5"""),
    TOP("top", "Shows live what each worker is at; plain where it is no terminal.", """
                    terpan top
                    terpan top shop --interval 5
                    terpan top --count 3 | cat"""),
    LOGS("logs", "Shows the last lines of the log, and with -f those that follow.", """
                    terpan logs -n 100
                    terpan logs -f --level warn
                    terpan logs -f --worker builtin-1
                    terpan logs --request 1a22f0fcb7200-9b"""),
    DASHBOARD("dashboard", "Prints a link that opens the dashboard of a running Terpan, once.", """
                    terpan dashboard
                    terpan dashboard --read-only"""),
    SLOW("slow", "Shows the slowest requests of the last minutes, and where their time went.", "terpan slow"),
    EXPLAIN("explain", "Tells the way of one request in words.", "terpan explain 1a22f0fcb7200-9b"),
    STACK("stack", "Shows what the threads of a worker are at, in Python.", "terpan stack builtin-1"),
    RESTART("restart", "Replaces workers of a running Terpan; each new one is ready before the old one drains.", """
                    terpan restart builtin-1
                    terpan restart --all
                    terpan restart --all --no-wait"""),
    RELOAD("reload", "Has a running Terpan read settings and code anew; what does not start changes nothing.", """
                    terpan reload
                    terpan reload --timeout 60
                    terpan reload --no-wait"""),
    ROLLBACK("rollback", "Leads a running Terpan back to what it served before the last reload.", "terpan rollback"),
    UPGRADE("upgrade", "Has a new process take a running Terpan's place, without losing a request.", """
                    terpan upgrade
                    terpan upgrade /opt/terpan-1.1/bin/terpan
                    terpan upgrade --no-wait"""),
    SCALE("scale", "Gives a group of a running Terpan another number of workers, until the next reload.", """
                    terpan scale 8
                    terpan scale 4 --group waitress
                    terpan scale auto"""),
    PAUSE("pause", "Holds new requests in the queue, such as for a migration; what is with workers goes on.", """
                    terpan pause
                    terpan pause --timeout 120"""),
    RESUME("resume", "Ends a pause.", "terpan resume"),
    MAINTENANCE(
            "maintenance", "Has clients of a running Terpan get a page instead of the application, or ends that.", """
                    terpan maintenance on --allow 192.0.2.7 --allow 10.0.0.0/8
                    terpan maintenance off"""),
    STOP("stop", "Stops a running Terpan once every accepted request was answered.", "terpan stop"),
    HELP("help", "Shows help, of a command if one is named.", """
                    terpan help serve
                    terpan serve --help-all"""),
    VERSION("version", "Prints the version.", """
                    terpan version
                    terpan version --verbose"""),
    COMPLETION("completion", "Prints a script that completes commands and options in a shell.", """
                    source <(terpan completion bash)
                    terpan completion zsh > ~/.terpan-completion.zsh""");

    private final String word;
    private final String text;
    private final String examples;

    Command(String word, String text, String examples) {
        this.word = word;
        this.text = text;
        this.examples = examples;
    }

    String word() {
        return word;
    }

    String text() {
        return text;
    }

    /** Lines to type. */
    String examples() {
        return examples;
    }

    static Optional<Command> named(String word) {
        return List.of(values()).stream()
                .filter(command -> command.word.equals(word))
                .findFirst();
    }
}
