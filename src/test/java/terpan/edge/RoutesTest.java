package terpan.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import terpan.config.Route;
import terpan.config.Settings;
import terpan.dispatch.Dispatcher;
import terpan.edge.pages.ErrorPages;
import terpan.http.HeadLimits;
import terpan.http.RequestHead;
import terpan.http.RequestParser;
import terpan.metrics.Metrics;

/** Which application a request is for. */
final class RoutesTest {
    private static final RequestParser PARSER = new RequestParser(new HeadLimits(8_000, 8_000, 32_768, 80, false));

    private final Routes routes = Routes.of(
            application("nobody"),
            List.of(
                    mount("shop", false, "shop.example.com", "www.example.com/shop", "[2001:db8::1]", "192.0.2.7"),
                    mount("blog", true, "example.com/blog", "example.com/blog/old", "blog.example.com"),
                    mount("wild", false, "*.example.org", "*.wide.example.org/deep"),
                    mount("narrow", false, "*.b.example.org", "a.b.example.org/own"),
                    mount("static", false, "/static")));

    /** Host, path, who gets it; a number: with which status nobody does. */
    @ParameterizedTest
    @CsvSource({
        "shop.example.com,                 /,              shop",
        "SHOP.Example.COM,                 /anything,      shop",
        "shop.example.com:8443,            /,              shop",
        "shop.example.com.,                /,              shop",
        "shop.example.com.:80,             /,              shop",
        "shop.example.com..,               /,              421",
        "shopXexample.com,                 /,              421",
        "ashop.example.com,                /,              421",
        "shop.example.com.evil.test,       /,              421",
        "www.example.com,                  /shop,          shop",
        "www.example.com,                  /shop/,         shop",
        "www.example.com,                  /shop?q=/x,     shop",
        "www.example.com,                  /shop/a,        shop",
        "www.example.com,                  /shopping,      404",
        "www.example.com,                  /Shop,          404",
        "www.example.com,                  /,              404",
        "www.example.com,                  /%73hop/a,      shop",
        "www.example.com,                  /shop%2Fa,      shop",
        "www.example.com,                  /%2Fshop,       404",
        "www.example.com,                  //shop,         404",
        "[2001:db8::1],                    /,              shop",
        "[2001:DB8:0:0::1]:8000,           /,              shop",
        "[2001:db8::2],                    /,              421",
        "192.0.2.7:80,                     /,              shop",
        "192.0.2.70,                       /,              421",
        "example.com,                      /blog,          blog",
        "example.com,                      /blog/old/x,    blog",
        "example.com,                      /blogs,         404",
        "blog.example.com,                 /blog,          blog",
        "x.example.org,                    /,              wild",
        "X.Y.example.org:1,                /,              wild",
        "example.org,                      /,              421",
        "example.org.,                     /,              421",
        ".example.org,                     /,              wild",
        "a.wide.example.org,               /deep/x,        wild",
        "a.b.example.org,                  /,              narrow",
        "a.b.example.org,                  /own,           narrow",
        "b.example.org,                    /,              wild",
        "c.a.b.example.org,                /,              narrow",
        "nowhere.test,                     /static/a.css,  static",
        "www.example.com,                  /static/a.css,  static",
        "shop.example.com,                 /static/a.css,  shop",
        "nowhere.test,                     /,              421",
        "nowhere.test,                     /statics,       421",
    })
    void goesTo(String host, String path, String expected) {
        assertThat(found(routes, "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
                .isEqualTo(expected);
    }

    @Test
    void aTargetInAbsoluteFormCountsMoreThanTheField() {
        assertThat(found(routes, "GET http://Shop.Example.com:80/a HTTP/1.1\r\nHost: blog.example.com\r\n\r\n"))
                .isEqualTo("shop");
        assertThat(found(routes, "GET http://example.com HTTP/1.1\r\nHost: shop.example.com\r\n\r\n"))
                .as("no path is the root")
                .isEqualTo("404");
    }

    @Test
    void withoutAHostOnlyWhoHasAnyGetsIt() {
        assertThat(found(routes, "GET /shop HTTP/1.0\r\n\r\n")).isEqualTo("421");
        assertThat(found(routes, "GET /static/a HTTP/1.0\r\n\r\n")).isEqualTo("static");
        assertThat(found(routes, "GET / HTTP/1.1\r\nHost:\r\n\r\n")).isEqualTo("421");
    }

    @Test
    void theAsteriskIsBelowNoPath() {
        assertThat(found(routes, "OPTIONS * HTTP/1.1\r\nHost: www.example.com\r\n\r\n"))
                .isEqualTo("404");
        assertThat(found(routes, "OPTIONS * HTTP/1.1\r\nHost: shop.example.com\r\n\r\n"))
                .isEqualTo("shop");
    }

    @Test
    void theOneWithoutRoutesHasWhatNobodyElseHas() {
        Routes some =
                Routes.of(application("nobody"), List.of(mount("shop", false, "shop.test"), mount("rest", false)));
        assertThat(found(some, "GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n")).isEqualTo("shop");
        assertThat(found(some, "GET / HTTP/1.1\r\nHost: other.test\r\n\r\n")).isEqualTo("rest");
        assertThat(found(some, "GET / HTTP/1.0\r\n\r\n")).isEqualTo("rest");
    }

    @Test
    void workersAreToldOfThePathWhereItsRoutesDiffer() {
        assertThat(script("example.com", "/blog/a")).isEqualTo("/blog");
        assertThat(script("example.com", "/blog/old")).isEqualTo("/blog/old");
        assertThat(script("blog.example.com", "/blog")).isEmpty();
        assertThat(script("www.example.com", "/shop")).as("its workers know").isEmpty();
    }

    @Test
    void manyHostsAreAllFound() {
        String[] hosts = new String[1_000];
        Arrays.setAll(hosts, i -> "h" + i + ".example.com");
        Routes many = Routes.of(application("nobody"), List.of(mount("many", false, hosts)));
        for (String host : hosts) {
            assertThat(found(many, "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
                    .isEqualTo("many");
        }
        assertThat(found(many, "GET / HTTP/1.1\r\nHost: h1000.example.com\r\n\r\n"))
                .isEqualTo("421");
    }

    private String script(String host, String path) {
        return new String(
                routes.find(head("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
                        .script(),
                ISO_8859_1);
    }

    private static String found(Routes in, String request) {
        Routes.Place place = in.find(head(request));
        return place.status() == 0 ? in.applications().get(place.application()).name() : String.valueOf(place.status());
    }

    private static RequestHead head(String request) {
        byte[] bytes = request.getBytes(ISO_8859_1);
        RequestHead head = new RequestHead();
        head.reset(bytes, 0);
        assertThat(PARSER.parse(bytes, 0, bytes.length, head)).as(request).isEqualTo(bytes.length);
        return head;
    }

    private static Routes.Mount mount(String name, boolean tells, String... routes) {
        return new Routes.Mount(
                application(name), Arrays.stream(routes).map(Route::of).toList(), tells);
    }

    private static Application application(String name) {
        Settings.Dispatch dispatch = new EdgeLimits().dispatch();
        try {
            return new Application(
                    name,
                    new Dispatcher(dispatch, bound -> 0),
                    List.of(),
                    new Metrics(1),
                    Optional.empty(),
                    ErrorPages.load(Optional.<Path>empty()),
                    List.of(),
                    Optional.empty(),
                    dispatch,
                    Optional.empty(),
                    Application.Files.NONE,
                    "",
                    Optional.empty());
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
