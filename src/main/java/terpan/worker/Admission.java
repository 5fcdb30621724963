package terpan.worker;

/** When a worker takes requests. */
enum Admission {
    /** As soon as it is ready; a start that fails is tried again. */
    WHEN_READY,
    /** As soon as it is ready, for which it has one try. */
    ON_TRIAL,
    /** Once it is admitted; until then it has one try. */
    HELD
}
