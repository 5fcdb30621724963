package terpan.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import terpan.json.JsonWriter;
import terpan.picture.Activity;
import terpan.picture.Picture;
import terpan.picture.Verdict;

/** A status as JSON; times in ISO 8601 UTC, durations in seconds, what is not known is null. */
final class StatusJson {
    private static final double NANOS = 1e9;

    private StatusJson() {}

    static String write(Picture status) {
        JsonWriter json = new JsonWriter();
        json.beginObject();
        json.name("version").value(status.version());
        json.name("pid").value(status.pid());
        json.name("state").value(status.state());
        verdict(json, status);
        json.name("started").value(status.started().toString());
        json.name("uptime_seconds").value(seconds(status.uptime()));
        json.name("binds").beginArray();
        status.binds().forEach(json::value);
        json.endArray();
        text(json.name("tls_engine"), status.tlsEngine());
        json.name("certificates").beginArray();
        status.certificates().forEach(one -> certificate(json, one));
        json.endArray();
        json.name("renewals").beginArray();
        status.issuance().names().forEach(one -> renewal(json, one));
        json.endArray();
        json.name("server").value(status.server());
        text(json.name("application"), status.application());
        json.name("generation").value(status.generation());
        json.name("reload");
        status.reload().ifPresentOrElse(reload -> reload(json, reload), json::nothing);
        json.name("queue_length").value(status.queueLength());
        json.name("queue_bound").value(status.queueBound());
        json.name("in_flight").value(status.inFlight());
        json.name("tunnels").value(status.tunnels());
        json.name("spool").beginObject();
        json.name("bytes").value(status.spool().bytes());
        json.name("most").value(status.spool().most());
        json.name("answers_waiting").value(status.spool().waiting());
        json.endObject();
        requests(json.name("requests"), status.requests());
        json.name("applications").beginArray();
        status.applications().forEach(one -> application(json, one));
        json.endArray();
        json.name("groups").beginArray();
        status.groups().forEach(group -> group(json, group));
        json.endArray();
        json.name("workers").beginArray();
        status.workers().forEach(worker -> worker(json, worker));
        json.endArray();
        if (status.activity() != Activity.NONE) {
            ActivityJson.write(json.name("activity"), status.activity());
        }
        return json.endObject().text();
    }

    private static void application(JsonWriter json, Picture.Application application) {
        Picture its = application.picture();
        json.beginObject();
        json.name("name").value(application.name());
        json.name("routes").beginArray();
        application.routes().forEach(json::value);
        json.endArray();
        json.name("state").value(its.state());
        verdict(json, its);
        text(json.name("application"), its.application());
        json.name("generation").value(its.generation());
        json.name("reload");
        its.reload().ifPresentOrElse(reload -> reload(json, reload), json::nothing);
        json.name("queue_length").value(its.queueLength());
        json.name("queue_bound").value(its.queueBound());
        json.name("in_flight").value(its.inFlight());
        json.name("tunnels").value(its.tunnels());
        requests(json.name("requests"), its.requests());
        ActivityJson.rates(json.name("rates"), its.activity().rates());
        json.endObject();
    }

    /** What is wrong, and what the figures say that somebody could do. */
    static String advice(Picture status) {
        JsonWriter json = new JsonWriter();
        json.beginObject();
        verdict(json, status);
        json.name("advice").beginArray();
        status.activity().advice().forEach(json::value);
        return json.endArray().endObject().text();
    }

    /** How it is, in a sentence. */
    private static void verdict(JsonWriter json, Picture of) {
        Verdict verdict = Verdict.of(of);
        json.name("verdict").beginObject();
        json.name("level").value(verdict.level());
        json.name("sentence").value(verdict.sentence());
        json.endObject();
    }

    static void certificate(JsonWriter json, Picture.Certificate certificate) {
        json.beginObject();
        json.name("name").value(certificate.name());
        json.name("file").value(certificate.file());
        json.name("expires").value(certificate.expires().toString());
        json.endObject();
    }

    private static void renewal(JsonWriter json, Picture.Renewal renewal) {
        json.beginObject();
        json.name("name").value(renewal.name());
        json.name("file").value(renewal.file());
        text(json.name("expires"), renewal.expires().map(Instant::toString));
        json.name("next").value(renewal.next().toString());
        json.name("failures").value(renewal.failures());
        json.name("failure").value(renewal.failure());
        json.endObject();
    }

    static void reload(JsonWriter json, Picture.Reload reload) {
        json.beginObject();
        json.name("generation").value(reload.generation());
        json.name("outcome").value(reload.outcome());
        json.name("at").value(reload.at().toString());
        json.name("failure").value(reload.failure());
        json.endObject();
    }

    static void requests(JsonWriter json, Picture.Requests requests) {
        json.beginObject();
        json.name("total").value(requests.total());
        json.name("1xx").value(requests.informational());
        json.name("2xx").value(requests.success());
        json.name("3xx").value(requests.redirection());
        json.name("4xx").value(requests.clientError());
        json.name("5xx").value(requests.serverError());
        json.name("none").value(requests.none());
        json.endObject();
    }

    static void group(JsonWriter json, Picture.Group group) {
        json.beginObject();
        json.name("name").value(group.name());
        text(json.name("server"), group.server());
        json.name("socket").value(group.socket());
        json.name("weight").value(group.weight());
        json.name("workers").value(group.workers());
        json.name("ready").value(group.ready());
        json.name("in_flight").value(group.inFlight());
        json.name("places_lost").value(group.lost());
        json.name("capacity").value(group.capacity());
        json.name("requests").value(group.requests());
        json.name("mean_seconds").value(group.meanSeconds());
        json.name("failed").value(group.failed());
        json.name("restarts").value(group.restarts());
        json.name("scaling");
        group.scaling().ifPresentOrElse(scaling -> scaling(json, scaling), json::nothing);
        json.endObject();
    }

    private static void scaling(JsonWriter json, Picture.Scaling scaling) {
        json.beginObject();
        json.name("least").value(scaling.least());
        json.name("most").value(scaling.most());
        json.name("wanted").value(scaling.wanted());
        json.name("by_hand").value(scaling.byHand());
        json.name("reason").value(scaling.reason());
        text(json.name("changed"), scaling.changed().map(Object::toString));
        json.name("grown").value(scaling.grown());
        json.name("shrunk").value(scaling.shrunk());
        json.endObject();
    }

    static void worker(JsonWriter json, Picture.Worker worker) {
        json.beginObject();
        json.name("name").value(worker.name());
        json.name("group").value(worker.group());
        json.name("pid").value(worker.pid());
        json.name("state").value(worker.state());
        json.name("why").value(worker.why());
        json.name("since").value(worker.since().toString());
        json.name("generation").value(worker.generation());
        json.name("restarts").value(worker.restarts());
        json.name("in_flight").value(worker.inFlight());
        json.name("places_lost").value(worker.lost());
        json.name("window").value(worker.window());
        json.name("capacity").value(worker.capacity());
        json.name("settled").value(worker.settled());
        json.name("service_seconds").value(worker.serviceSeconds());
        json.name("resident_bytes").value(worker.residentBytes());
        json.name("cpu_seconds").value(worker.processorSeconds());
        text(json.name("next_probe"), worker.nextProbe().map(Object::toString));
        json.name("failure").value(worker.failure());
        json.endObject();
    }

    private static void text(JsonWriter json, Optional<String> text) {
        text.ifPresentOrElse(json::value, json::nothing);
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / NANOS;
    }
}
