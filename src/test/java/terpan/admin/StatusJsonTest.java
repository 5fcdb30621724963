package terpan.admin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class StatusJsonTest {
    @Test
    void aStatusIsOneObject() {
        assertThat(StatusJson.write(new FakeOperations().status()))
                .isEqualTo(
                        "{\"version\":\"0.1.0\",\"pid\":4711,\"state\":\"serving\",\"verdict\":{\"level\":\"warn\",\"sentence\":\"the worker is busy, and requests wait; 3 of 1024 places in the queue are taken\"},\"started\":\"2026-11-21T15:06:29Z\","
                                + "\"uptime_seconds\":93600.000000,\"binds\":[\"127.0.0.1:8000\",\"unix:/run/shop.sock\"],"
                                + "\"tls_engine\":null,\"certificates\":[{\"name\":\"shop.example\",\"file\":\"/var/lib/terpan/acme/ca.example/certificates/shop.example.pem\",\"expires\":\"2027-01-21T17:06:29Z\"}],"
                                + "\"renewals\":[{\"name\":\"shop.example\",\"file\":\"/var/lib/terpan/acme/ca.example/certificates/shop.example.pem\",\"expires\":\"2027-01-21T17:06:29Z\",\"next\":\"2026-12-22T17:06:29Z\",\"failures\":0,\"failure\":\"\"},{\"name\":\"new.example\",\"file\":\"\",\"expires\":null,\"next\":\"2026-11-22T17:10:19Z\",\"failures\":3,\"failure\":\"not \\\"ours\\\"\"}],"
                                + "\"server\":\"builtin\",\"application\":\"shop:app\",\"generation\":1,\"reload\":null,\"queue_length\":3,"
                                + "\"queue_bound\":1024,\"in_flight\":9,\"tunnels\":2,\"spool\":{\"bytes\":5000,\"most\":20971520,\"answers_waiting\":2},\"requests\":{\"total\":120056,\"1xx\":0,\"2xx\":120000,"
                                + "\"3xx\":40,\"4xx\":12,\"5xx\":3,\"none\":1},"
                                + "\"applications\":[],\"groups\":[{\"name\":\"builtin\",\"server\":\"builtin\",\"socket\":\"private\",\"weight\":1,"
                                + "\"workers\":2,\"ready\":1,\"in_flight\":8,\"places_lost\":1,\"capacity\":1,\"requests\":120056,"
                                + "\"mean_seconds\":0.000500,\"failed\":2,\"restarts\":17,\"scaling\":null}],"
                                + "\"workers\":[{\"name\":\"w1\",\"group\":\"builtin\",\"pid\":4712,"
                                + "\"state\":\"ready\",\"why\":\"\",\"since\":\"2026-11-21T15:06:29Z\",\"generation\":1,"
                                + "\"restarts\":0,\"in_flight\":8,\"places_lost\":1,\"window\":32,\"capacity\":1,\"settled\":100000,"
                                + "\"service_seconds\":0.000321,\"resident_bytes\":32505856,\"cpu_seconds\":12.500000,\"next_probe\":null,\"failure\":\"\"},{\"name\":\"w2\",\"group\":\"builtin\",\"pid\":null,"
                                + "\"state\":\"exited\",\"why\":\"exit status 1, \\\"crashed\\\"\\u000a\","
                                + "\"since\":\"2026-11-22T17:05:47Z\",\"generation\":1,\"restarts\":17,\"in_flight\":0,\"places_lost\":0,"
                                + "\"window\":1,\"capacity\":1,\"settled\":20056,\"service_seconds\":null,"
                                + "\"resident_bytes\":null,\"cpu_seconds\":null,\"next_probe\":null,\"failure\":\"Traceback:\\u000a  a line\\u000aRuntimeError: no\"}]}");
    }
}
