package terpan.daemon;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import terpan.config.Route;
import terpan.config.Settings;
import terpan.dispatch.Dispatcher;
import terpan.edge.Application;
import terpan.edge.Routes;
import terpan.edge.pages.ErrorPages;
import terpan.link.LinkTable;
import terpan.link.LoopLinks;
import terpan.loop.NioLoop;
import terpan.metrics.Metrics;

/**
 * Who has which route while applications change: one that settings take from an application and give to another stays with the first until the
 * other serves it. Not thread-safe.
 */
final class RouteHolders {
    private static final Route DEFAULT = new Route("", "");

    /**
     * Who has a route.
     *
     * @param tells whether its workers are told with each request below which path it is
     */
    private record Holder(Site site, boolean tells) {}

    /** The names of the applications that are to have routes. */
    private Map<Route, String> promised = Map.of();

    private Map<Route, Holder> holders = Map.of();

    /** These routes are given to applications, by their names, by the settings that were read last. */
    void promise(Map<String, List<Route>> routes) {
        Map<Route, String> all = new LinkedHashMap<>();
        routes.forEach((name, its) -> orDefault(its).forEach(route -> all.put(route, name)));
        promised = all;
    }

    private boolean isForAnother(Route route, Site than) {
        String name = promised.get(route);
        return name != null && !name.equals(than.mount().application().name());
    }

    private static List<Route> orDefault(List<Route> routes) {
        return routes.isEmpty() ? List.of(DEFAULT) : routes;
    }

    /** Whether it has a route now that is given to another, which does not serve it yet. */
    boolean hasForAnother(Site site, List<Site> others) {
        return holders.entrySet().stream()
                .anyMatch(held -> held.getValue().site() == site
                        && isForAnother(held.getKey(), site)
                        && others.stream()
                                .noneMatch(other ->
                                        orDefault(other.mount().routes()).contains(held.getKey())));
    }

    /** How these applications are mounted now: of two that have a route, the one that came to it last and has had a worker. */
    List<Routes.Mount> mounts(List<Site> sites) {
        Map<Route, Holder> now = new LinkedHashMap<>();
        for (Site site : sites) {
            Routes.Mount mount = site.mount();
            for (Route route : orDefault(mount.routes())) {
                Holder before = holders.get(route);
                boolean comes = (before == null || before.site() != site) && site.hasServed();
                if (comes || !now.containsKey(route)) {
                    now.put(route, new Holder(site, mount.tells()));
                }
            }
        }
        holders.forEach((route, held) -> {
            Holder other = now.get(route);
            boolean free = other == null || !other.site().hasServed();
            if (free && isForAnother(route, held.site()) && sites.contains(held.site())) {
                now.put(route, held);
            }
        });
        holders = now;
        return sites.stream().flatMap(site -> mounts(site).stream()).toList();
    }

    /** That of a site, with what it still has of what is to be another's. */
    private List<Routes.Mount> mounts(Site site) {
        List<Route> routes = new ArrayList<>();
        boolean[] tells = {site.mount().tells()};
        holders.forEach((route, held) -> {
            if (held.site() == site) {
                routes.add(route);
                tells[0] |= held.tells();
            }
        });
        return routes.isEmpty()
                ? List.of()
                : List.of(new Routes.Mount(site.mount().application(), routes, tells[0]));
    }

    /** The application that has the requests which are no application's: no worker, and pages for all. */
    static Application nobody(Settings settings, List<NioLoop> loops, Metrics metrics) throws IOException {
        Dispatcher none = new Dispatcher(settings.dispatch(), bound -> 0);
        none.expectWorkers(false);
        LinkTable table = new LinkTable();
        return new Application(
                "",
                none,
                loops.stream().map(loop -> new LoopLinks(loop, table)).toList(),
                metrics,
                Optional.empty(),
                ErrorPages.load(settings.http().errorPages()),
                List.of(),
                Optional.empty(),
                settings.dispatch(),
                Optional.empty(),
                Application.Files.NONE,
                "",
                Optional.empty());
    }
}
