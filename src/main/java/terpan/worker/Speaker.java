package terpan.worker;

import java.util.Map;

/** Who has a process of ours, and hears what comes of it by its token. Owned by the supervisor's thread. */
interface Speaker {
    boolean holds(String token);

    void said(Map<String, String> fields, ControlServer.Connection connection);

    /** What it said breaks the rules of the control channel. */
    void broke(String why);

    /** All that it said was read. */
    void saidAll();

    /** Its process ended. May be told twice. */
    void exited(int status);

    /** All that it wrote was read. */
    void outputEnded();
}
