package terpan.edge;

import java.util.List;
import java.util.Optional;
import terpan.config.FileSettings;
import terpan.config.Settings;
import terpan.dispatch.Dispatcher;
import terpan.edge.files.SendRules;
import terpan.edge.files.StaticRules;
import terpan.edge.limits.RequestRates;
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
 * @param rates how many requests it takes of an address; empty: as many as all do
 * @param choice which worker a request gets
 * @param cookie the cookie that names a client's worker; empty: clients are told none
 * @param files which files are answers
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
        Optional<RequestRates> rates,
        Settings.Dispatch choice,
        Optional<StickyCookie> cookie,
        Files files,
        String fault,
        Optional<Maintenance> maintenance) {
    /**
     * Files that are answers.
     *
     * @param statics those that clients ask for; empty: none
     * @param sent those that the application's answers may name; empty: none
     */
    public record Files(Optional<StaticRules> statics, Optional<SendRules> sent) {
        /** None. */
        public static final Files NONE = new Files(Optional.empty(), Optional.empty());

        /** By the settings. */
        public static Files of(FileSettings settings) {
            return new Files(
                    settings.statics().isEmpty() ? Optional.empty() : Optional.of(StaticRules.of(settings.statics())),
                    Optional.ofNullable(SendRules.of(settings)));
        }
    }

    /** The same with what other settings say of it. */
    public Application changed(
            String itsName,
            Optional<EdgeSettings> itsSettings,
            ErrorPages itsPages,
            List<String> itsStreams,
            Optional<RequestRates> itsRates,
            Settings.Dispatch itsChoice,
            Optional<StickyCookie> itsCookie,
            Files itsFiles) {
        return new Application(
                itsName,
                dispatcher,
                links,
                metrics,
                itsSettings,
                itsPages,
                itsStreams,
                itsRates,
                itsChoice,
                itsCookie,
                itsFiles,
                "",
                maintenance);
    }

    /** The same with other pages, where it has the requests that are nobody's. */
    public Application withPages(ErrorPages others) {
        return changed(name, settings, others, streams, rates, choice, cookie, files);
    }

    /** The same, which is worked on, or is not any more. */
    public Application under(Optional<Maintenance> work) {
        return new Application(
                name, dispatcher, links, metrics, settings, pages, streams, rates, choice, cookie, files, fault, work);
    }

    /** The same, which does not run as it was saved last. */
    public Application faulty(String why) {
        return new Application(
                name,
                dispatcher,
                links,
                metrics,
                settings,
                pages,
                streams,
                rates,
                choice,
                cookie,
                files,
                why,
                maintenance);
    }
}
