package terpan.edge;

import java.util.List;
import java.util.Optional;
import javax.crypto.SecretKey;
import terpan.config.Settings;
import terpan.dispatch.Dispatcher;
import terpan.edge.pages.ErrorPages;
import terpan.link.LoopLinks;
import terpan.metrics.Metrics;

/**
 * One application as clients see it. Its workers are put behind its dispatcher and its links by a pool.
 *
 * @param name what it is called, for people; empty where someone else runs its workers
 * @param dispatcher gives its requests places on its workers
 * @param links how its workers are reached, by each loop, in their order
 * @param settings by which its requests are judged; empty: by those of all
 * @param metrics where its requests are counted
 * @param pages what clients get where there is no answer
 * @param streams patterns of the paths whose bodies its workers take while they come
 * @param choice which worker a request gets
 * @param stickyKey what cookies that name its workers are signed with; empty where there are none
 * @param fault why what was saved last does not run, for whoever develops it: the answer to every request; empty: it runs
 * @param maintenance that it is worked on; empty: it is not
 */
public record Application(
        String name,
        Dispatcher dispatcher,
        List<LoopLinks> links,
        Metrics metrics,
        Optional<EdgeSettings> settings,
        ErrorPages pages,
        List<String> streams,
        Settings.Dispatch choice,
        Optional<SecretKey> stickyKey,
        String fault,
        Optional<Maintenance> maintenance) {
    /** The same with what other settings say of it. */
    public Application changed(
            String itsName, Optional<EdgeSettings> itsSettings, ErrorPages itsPages, List<String> itsStreams) {
        return new Application(
                itsName,
                dispatcher,
                links,
                metrics,
                itsSettings,
                itsPages,
                itsStreams,
                choice,
                stickyKey,
                "",
                maintenance);
    }

    /** The same, which is worked on, or is not any more. */
    public Application under(Optional<Maintenance> work) {
        return new Application(
                name, dispatcher, links, metrics, settings, pages, streams, choice, stickyKey, fault, work);
    }

    /** The same, which does not run as it was saved last. */
    public Application faulty(String why) {
        return new Application(
                name, dispatcher, links, metrics, settings, pages, streams, choice, stickyKey, why, maintenance);
    }
}
