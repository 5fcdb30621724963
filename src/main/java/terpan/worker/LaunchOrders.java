package terpan.worker;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import terpan.config.AppTarget;
import terpan.config.RouteWord;
import terpan.config.Settings;

/** What a launcher is told in its environment: which application, which server, and how. Of its socket the {@link Spawner} tells it. */
final class LaunchOrders {
    /** Digits behind the point of seconds. */
    private static final int MILLIS = 3;

    private LaunchOrders() {}

    /** Orders by their names, to be added to. */
    static Map<String, String> of(WorkerPlan plan, String name, String token, String mark, Path control) {
        Settings.Application application = plan.application();
        Map<String, String> orders = new LinkedHashMap<>();
        orders.put("name", name);
        orders.put("token", token);
        orders.put("mark", mark);
        orders.put("control", control.toString());
        orders.put("server", plan.profile().name());
        orders.put("threads", Integer.toString(plan.profile().threads()));
        orders.put("application", application.name());
        orders.put("chdir", application.chdir().toString());
        AppTarget target = application.target();
        orders.put("directory", target.directory().toString());
        orders.put("module", target.module());
        orders.put("file", target.file().map(Path::toString).orElse(""));
        orders.put("callable", target.callable().orElse(""));
        orders.put("factory", Boolean.toString(target.factory()));
        orders.put("prefix", application.prefix());
        orders.put("interface", application.callable().name().toLowerCase(Locale.ROOT));
        orders.put("multiprocess", Boolean.toString(plan.multiprocess()));
        orders.put(
                "start_seconds",
                BigDecimal.valueOf(plan.workers().startTimeout().toMillis(), MILLIS)
                        .toPlainString());
        orders.put("probed", Boolean.toString(plan.workers().readinessPath().isPresent()));
        orders.put("routes", RouteWord.TEXT);
        orders.put("files", Boolean.toString(!plan.otherUser()));
        plan.group()
                .server()
                .options()
                .forEach((option, value) -> orders.put("option." + option.replace('-', '_'), value));
        return orders;
    }
}
