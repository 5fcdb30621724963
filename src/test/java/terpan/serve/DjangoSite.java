package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What an administrator's browser does with a Django site: keeps cookies, sends the form's token back, loads static files. */
final class DjangoSite {
    private static final Pattern TOKEN = Pattern.compile("name=\"csrfmiddlewaretoken\" value=\"([^\"]+)\"");
    private static final Pattern COOKIE = Pattern.compile("(?i)set-cookie: *([^=]+)=([^;]*).*");

    private final Connection connection;
    private final Map<String, String> cookies = new LinkedHashMap<>();

    DjangoSite(Connection connection) {
        this.connection = connection;
    }

    void visit(String mark) throws IOException {
        staticFiles();
        logIn();
        leaveAMessage(mark);
    }

    private void staticFiles() throws IOException {
        Answer style = get("/shop/static/admin/css/base.css");
        assertThat(style.status()).isEqualTo(200);
        assertThat(style.field("content-type").orElseThrow()).startsWith("text/css");
        assertThat(style.body()).contains("DJANGO Admin styles");
    }

    private void logIn() throws IOException {
        assertThat(get("/shop/admin/").field("location")).contains("/shop/admin/login/?next=/shop/admin/");
        String token = token(get("/shop/admin/login/"));
        Map<String, String> form = new LinkedHashMap<>(Map.of("username", "root", "next", "/shop/admin/"));
        form.put("password", "wrong");
        assertThat(post("/shop/admin/login/", token, form).status()).isEqualTo(200);
        form.put("password", "secret");
        Answer inside = post("/shop/admin/login/", token, form);
        assertThat(inside.status()).isEqualTo(302);
        assertThat(inside.field("location")).contains("/shop/admin/");
        assertThat(cookies).containsKey("sessionid");
        assertThat(get("/shop/admin/").body()).contains("Site administration", "/shop/static/admin/css/base.css");
    }

    private void leaveAMessage(String text) throws IOException {
        assertThat(post("/shop/guestbook", "forged", Map.of("text", "forged")).status())
                .isEqualTo(403);
        String token = token(get("/shop/guestbook"));
        assertThat(post("/shop/guestbook", token, Map.of("text", text)).status())
                .isEqualTo(302);
        assertThat(get("/shop/guestbook").body())
                .contains("<p>" + text + "</p>")
                .doesNotContain("forged");
    }

    private static String token(Answer page) {
        Matcher found = TOKEN.matcher(page.body());
        assertThat(found.find()).as(page.body()).isTrue();
        return found.group(1);
    }

    private Answer get(String target) throws IOException {
        return remember(connection.get(target, cookieField()));
    }

    private Answer post(String target, String token, Map<String, String> fields) throws IOException {
        Map<String, String> form = new LinkedHashMap<>(fields);
        form.put("csrfmiddlewaretoken", token);
        String body = form.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        connection.ask(
                "POST",
                target,
                cookieField(),
                "Content-Type: application/x-www-form-urlencoded",
                "Content-Length: " + body.length());
        return remember(connection.send(body).read());
    }

    private String cookieField() {
        return "Cookie: "
                + cookies.entrySet().stream()
                        .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                        .collect(Collectors.joining("; ", "x=y; ", ""));
    }

    private Answer remember(Answer answer) {
        answer.fields().stream()
                .map(COOKIE::matcher)
                .filter(Matcher::matches)
                .forEach(cookie -> cookies.put(cookie.group(1), cookie.group(2)));
        return answer;
    }
}
