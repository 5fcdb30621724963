package terpan.admin;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import terpan.json.JsonWriter;
import terpan.metrics.Reasons;
import terpan.picture.Activity;
import terpan.picture.OpenRequest;
import terpan.picture.Picture;

/**
 * A picture in sections, each of which changes seldom by itself: times are moments and not ages, so that what goes on as before is the same
 * text. A worker's section has the requests that it is at.
 */
final class LiveJson {
    private static final int WAITING_SHOWN = 30;
    private static final int PLACES_SHOWN = 64;

    private LiveJson() {}

    static Map<String, String> sections(Picture now) {
        Map<String, String> sections = new TreeMap<>();
        sections.put("head", head(now));
        sections.put("numbers", numbers(now));
        sections.put("advice", array(now.activity().advice(), JsonWriter::value));
        sections.put("held", array(now.activity().held(), ActivityJson::held));
        sections.put(
                "waiting",
                array(
                        now.activity().open().stream()
                                .filter(OpenRequest::waits)
                                .limit(WAITING_SHOWN)
                                .toList(),
                        ActivityJson::open));
        sections.put("routes", array(now.activity().routes(), ActivityJson::route));
        sections.put("slow", array(now.activity().slow(), ActivityJson::past));
        sections.put("failed", array(now.activity().failed(), ActivityJson::past));
        sections.put("order", array(now.workers(), (json, worker) -> json.value(worker.name())));
        now.applications().forEach(one -> sections.put("application/" + one.name(), application(one)));
        now.groups().forEach(group -> sections.put("group/" + group.name(), group(now, group)));
        now.workers()
                .forEach(worker ->
                        sections.put("worker/" + worker.name() + "/" + worker.generation(), worker(now, worker)));
        return sections;
    }

    private static String head(Picture now) {
        JsonWriter json = new JsonWriter();
        json.beginObject();
        json.name("version").value(now.version());
        json.name("pid").value(now.pid());
        json.name("state").value(now.state());
        json.name("started").value(now.started().toEpochMilli());
        json.name("server").value(now.server());
        json.name("application").value(now.application().orElse("attached workers"));
        json.name("several").value(!now.applications().isEmpty());
        json.name("generation").value(now.generation());
        json.name("reload");
        now.reload().ifPresentOrElse(reload -> StatusJson.reload(json, reload), json::nothing);
        json.name("binds").beginArray();
        now.binds().forEach(json::value);
        json.endArray();
        json.name("queue_bound").value(now.queueBound());
        json.name("connections_bound").value(now.connectionsBound());
        json.name("certificates").beginArray();
        now.certificates().forEach(one -> StatusJson.certificate(json, one));
        json.endArray();
        return json.endObject().text();
    }

    private static String numbers(Picture now) {
        JsonWriter json = new JsonWriter();
        json.beginObject();
        json.name("queue_length").value(now.queueLength());
        json.name("in_flight").value(now.inFlight());
        json.name("tunnels").value(now.tunnels());
        json.name("stuck").value(now.stuck());
        json.name("unlisted").value(now.activity().unlisted());
        json.name("complete").value(now.activity().complete());
        json.name("log_dropped").value(now.dropped().log() + now.dropped().access());
        json.name("spool_bytes").value(now.spool().bytes());
        StatusJson.requests(json.name("requests"), now.requests());
        ActivityJson.rates(json.name("rates"), now.activity().rates());
        return json.endObject().text();
    }

    private static String application(Picture.Application application) {
        JsonWriter json = new JsonWriter();
        json.beginObject();
        json.name("name").value(application.name());
        json.name("state").value(application.picture().state());
        json.name("generation").value(application.picture().generation());
        json.name("queue_length").value(application.picture().queueLength());
        json.name("queue_bound").value(application.picture().queueBound());
        json.name("in_flight").value(application.picture().inFlight());
        ActivityJson.rates(json.name("rates"), application.picture().activity().rates());
        return json.endObject().text();
    }

    private static String group(Picture now, Picture.Group group) {
        JsonWriter json = new JsonWriter();
        json.beginObject();
        json.name("group");
        StatusJson.group(json, group);
        ActivityJson.rates(json.name("rates"), now.activity().groups().getOrDefault(group.name(), Activity.Rates.NONE));
        return json.endObject().text();
    }

    private static String worker(Picture now, Picture.Worker worker) {
        JsonWriter json = new JsonWriter();
        json.beginObject();
        json.name("worker");
        StatusJson.worker(json, worker);
        json.name("open").beginArray();
        now.activity().open().stream()
                .filter(one -> one.worker().equals(worker.name()) && isIts(now, worker, one))
                .limit(PLACES_SHOWN)
                .forEach(one -> ActivityJson.open(json, one));
        json.endArray();
        return json.endObject().text();
    }

    /** While one process takes the place of another there are two workers of a name: the newer one has what was sent since it is ready. */
    private static boolean isIts(Picture now, Picture.Worker worker, OpenRequest request) {
        Optional<Picture.Worker> newest = now.workers().stream()
                .filter(other -> other.name().equals(worker.name())
                        && other.state().equals("ready")
                        && !request.since().isBefore(other.since()))
                .max(Comparator.comparingInt(Picture.Worker::generation));
        return newest.map(one -> one.generation() == worker.generation())
                .orElseGet(() -> now.workers().stream()
                        .filter(other -> other.name().equals(worker.name()))
                        .allMatch(other -> other.generation() >= worker.generation()));
    }

    static String reasons() {
        return array(Reasons.ALL, JsonWriter::value);
    }

    /** Each an array: moment, requests, half, most, queue, then pairs of a reason's number and how many. */
    static String seconds(List<Activity.Second> seconds) {
        return array(seconds, (json, second) -> {
            json.beginArray();
            json.value(second.at());
            json.value(second.requests());
            json.value(second.half());
            json.value(second.most());
            json.value(second.queueMost());
            for (int reason = 0; reason < second.errors().size(); reason++) {
                if (second.errors().get(reason) > 0) {
                    json.value(reason);
                    json.value(second.errors().get(reason));
                }
            }
            json.endArray();
        });
    }

    static String events(List<Activity.Event> events) {
        return array(events, ActivityJson::event);
    }

    /** Lines with whose they are: the numbers of another process begin anew. */
    static String log(List<LogLine> lines) {
        return "{\"pid\":" + ProcessHandle.current().pid() + ",\"lines\":" + lines(lines) + "}";
    }

    static String lines(List<LogLine> lines) {
        return array(lines, (json, line) -> {
            json.beginObject();
            json.name("number").value(line.number());
            json.name("at").value(line.at().toEpochMilli());
            json.name("level").value(line.level());
            json.name("source").value(line.source());
            json.name("worker").value(line.worker());
            json.name("application").value(line.application());
            json.name("text").value(line.text());
            json.endObject();
        });
    }

    private static <T> String array(List<T> values, BiConsumer<JsonWriter, T> write) {
        JsonWriter json = new JsonWriter();
        json.beginArray();
        values.forEach(value -> write.accept(json, value));
        return json.endArray().text();
    }
}
