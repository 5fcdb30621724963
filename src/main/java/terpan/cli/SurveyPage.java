package terpan.cli;

import terpan.examine.ServerSurvey;
import terpan.json.JsonWriter;

/** The list of servers, for people and for programs. */
final class SurveyPage {
    private SurveyPage() {}

    static String text(ServerSurvey survey) {
        Columns columns = new Columns().row("server", "found", "works on at once", "to do");
        for (ServerSurvey.Offer offer : survey.offers()) {
            columns.row(offer.name(), offer.version().orElse("-"), offer.capacity(), toDo(offer));
        }
        return survey.implementation() + " " + survey.python() + ", " + survey.interpreter() + "\n\n" + columns.text();
    }

    private static String toDo(ServerSurvey.Offer offer) {
        if (!offer.missing().isEmpty()) {
            return offer.install()
                    + (offer.version().isPresent() ? " (missing: " + String.join(", ", offer.missing()) + ")" : "");
        }
        return String.join("; ", offer.faults());
    }

    static String json(ServerSurvey survey) {
        JsonWriter json = new JsonWriter().beginObject();
        json.name("python").value(survey.python());
        json.name("implementation").value(survey.implementation());
        json.name("interpreter").value(survey.interpreter().toString());
        json.name("servers").beginArray();
        for (ServerSurvey.Offer offer : survey.offers()) {
            json.beginObject().name("name").value(offer.name());
            json.name("there").value(offer.isThere());
            json.name("version");
            if (offer.version().isPresent()) {
                json.value(offer.version().get());
            } else {
                json.nothing();
            }
            json.name("capacity").value(offer.capacity());
            json.name("missing").beginArray();
            offer.missing().forEach(json::value);
            json.endArray().name("install").value(offer.install());
            json.name("faults").beginArray();
            offer.faults().forEach(json::value);
            json.endArray().endObject();
        }
        return json.endArray().endObject().text() + "\n";
    }
}
