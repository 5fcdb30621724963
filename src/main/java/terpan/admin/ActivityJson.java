package terpan.admin;

import java.time.Instant;
import terpan.json.JsonWriter;
import terpan.picture.Activity;
import terpan.picture.Front;
import terpan.picture.Held;
import terpan.picture.OpenRequest;
import terpan.picture.PastRequest;

/** What goes on, as JSON: times are milliseconds since 1970, durations seconds. */
final class ActivityJson {
    private static final double NANOS = 1e9;

    private ActivityJson() {}

    /** All of it but the seconds, which only whoever draws them wants. */
    static void write(JsonWriter json, Activity activity) {
        json.beginObject();
        rates(json.name("rates"), activity.rates());
        front(json.name("front"), activity.front());
        json.name("advice").beginArray();
        activity.advice().forEach(json::value);
        json.endArray();
        json.name("held").beginArray();
        activity.held().forEach(held -> held(json, held));
        json.endArray();
        json.name("open").beginArray();
        activity.open().forEach(one -> open(json, one));
        json.endArray();
        json.name("unlisted").value(activity.unlisted());
        json.name("complete").value(activity.complete());
        json.name("routes").beginArray();
        activity.routes().forEach(route -> route(json, route));
        json.endArray();
        json.name("slow").beginArray();
        activity.slow().forEach(one -> past(json, one));
        json.endArray();
        json.name("failed").beginArray();
        activity.failed().forEach(one -> past(json, one));
        json.endArray();
        json.name("events").beginArray();
        activity.events().forEach(event -> event(json, event));
        json.endArray();
        json.endObject();
    }

    static void rates(JsonWriter json, Activity.Rates rates) {
        json.beginObject();
        json.name("seconds").value(rates.seconds());
        json.name("requests_per_second").value(rates.perSecond());
        json.name("p50_seconds").value(rates.half());
        json.name("p99_seconds").value(rates.most());
        json.name("queue_p99_seconds").value(rates.queueMost());
        json.name("failed_per_second").value(rates.failedPerSecond());
        json.name("busy_places").value(rates.busy());
        json.endObject();
    }

    private static void front(JsonWriter json, Front front) {
        json.beginObject();
        json.name("cpu_seconds").value(front.processorSeconds());
        json.name("resident_bytes").value(front.residentBytes());
        json.name("open_files").value(front.files());
        json.name("open_files_most").value(front.filesMost());
        json.name("heap_bytes").value(front.heapBytes());
        json.name("heap_most").value(front.heapMost());
        json.name("loops").beginArray();
        for (Front.Loop loop : front.loops()) {
            json.beginObject();
            json.name("index").value(loop.index());
            json.name("busy").value(loop.busy());
            json.name("lag_seconds").value(loop.lagSeconds());
            json.endObject();
        }
        json.endArray();
        json.endObject();
    }

    static void held(JsonWriter json, Held held) {
        json.beginObject();
        json.name("application").value(held.application());
        json.name("route").value(held.route());
        json.name("working").value(held.working());
        json.name("waiting").value(held.waiting());
        moment(json.name("oldest_working"), held.oldestWorking());
        moment(json.name("oldest_waiting"), held.oldestWaiting());
        json.endObject();
    }

    /** Which request it is, be it open or over. */
    private static void which(
            JsonWriter json, String id, String trace, String application, String route, String target, String client) {
        json.name("id").value(id);
        json.name("trace").value(trace);
        json.name("application").value(application);
        json.name("route").value(route);
        json.name("target").value(target);
        json.name("client").value(client);
    }

    static void open(JsonWriter json, OpenRequest one) {
        json.beginObject();
        which(json, one.id(), one.trace(), one.application(), one.route(), one.target(), one.client());
        json.name("state").value(one.state());
        json.name("worker").value(one.worker());
        moment(json.name("begun"), one.begun());
        moment(json.name("since"), one.since());
        json.endObject();
    }

    static void route(JsonWriter json, Activity.Route route) {
        json.beginObject();
        json.name("application").value(route.application());
        json.name("route").value(route.name());
        json.name("share").value(route.share());
        rates(json.name("rates"), route.rates());
        json.endObject();
    }

    static void past(JsonWriter json, PastRequest one) {
        json.beginObject();
        which(json, one.id(), one.trace(), one.application(), one.route(), one.target(), one.client());
        json.name("worker").value(one.worker());
        json.name("status").value(one.status());
        json.name("why").value(one.why());
        moment(json.name("ended"), one.ended());
        json.name("client_seconds").value(one.times().client().toNanos() / NANOS);
        json.name("queue_seconds").value(one.times().queue().toNanos() / NANOS);
        json.name("worker_seconds").value(one.times().worker().toNanos() / NANOS);
        json.name("sending_seconds").value(one.times().sending().toNanos() / NANOS);
        json.endObject();
    }

    static void event(JsonWriter json, Activity.Event event) {
        json.beginObject();
        json.name("number").value(event.number());
        moment(json.name("at"), event.at());
        json.name("kind").value(event.kind());
        json.name("level").value(event.level());
        json.name("worker").value(event.worker());
        json.name("text").value(event.text());
        json.endObject();
    }

    /** Nothing for the moment of 1970, which stands for none. */
    private static void moment(JsonWriter json, Instant at) {
        if (at.equals(Instant.EPOCH)) {
            json.nothing();
        } else {
            json.value(at.toEpochMilli());
        }
    }
}
