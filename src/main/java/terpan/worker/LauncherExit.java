package terpan.worker;

/** Exit statuses of a launcher that ended before its server ran; the same numbers stand in the launcher. */
final class LauncherExit {
    static final int IMPORT_FAILED = 4;
    static final int TOO_OLD = 5;
    static final int SERVER_MISSING = 6;
    static final int CONTROL_LOST = 7;
    static final int SETUP_FAILED = 8;

    private LauncherExit() {}
}
