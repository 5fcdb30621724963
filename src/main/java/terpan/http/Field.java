package terpan.http;

/** Fields that the front itself acts on, by number. */
public final class Field {
    public static final byte OTHER = 0;
    public static final byte HOST = 1;
    public static final byte CONTENT_LENGTH = 2;
    public static final byte TRANSFER_ENCODING = 3;
    public static final byte CONNECTION = 4;
    public static final byte KEEP_ALIVE = 5;
    public static final byte PROXY_CONNECTION = 6;
    public static final byte TE = 7;
    public static final byte TRAILER = 8;
    public static final byte UPGRADE = 9;
    public static final byte EXPECT = 10;
    public static final byte FORWARDED = 11;
    public static final byte X_FORWARDED = 12;
    public static final byte PRIVATE = 13;
    public static final byte COOKIE = 14;
    public static final byte CONTENT_TYPE = 15;
    public static final byte DATE = 16;
    public static final byte SERVER = 17;

    private Field() {}
}
