package terpan.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds what a mistyped word was meant to be: the known word with the fewest changed, missing, extra or swapped letters. */
public final class Nearest {
    private static final int LETTERS_PER_CHANGE = 3;
    private static final int LONGEST_WORD = 64;

    private Nearest() {}

    /** The nearest of the known words, if one is near enough to be meant: one change for every three letters, whatever their case. */
    public static Optional<String> to(String word, Collection<String> known) {
        if (word.length() > LONGEST_WORD) {
            return Optional.empty();
        }
        String best = "";
        int least = Math.max(1, word.length() / LETTERS_PER_CHANGE) + 1;
        for (String candidate : known) {
            int changes = changes(word.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (changes < least) {
                least = changes;
                best = candidate;
            }
        }
        return best.isEmpty() ? Optional.empty() : Optional.of(best);
    }

    /** What to put behind a complaint about a mistyped word: a question with the nearest one between these quotes, or nothing. */
    public static String hint(String word, Collection<String> known, String quote) {
        return to(word, known)
                .map(near -> "; did you mean " + quote + near + quote + "?")
                .orElse("");
    }

    private static int changes(String from, String into) {
        int[][] table = new int[from.length() + 1][into.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= into.length(); j++) {
                table[i][j] = i == 0 ? j : j == 0 ? i : cell(table, from, into, i, j);
            }
        }
        return table[from.length()][into.length()];
    }

    private static int cell(int[][] table, String from, String into, int i, int j) {
        int same = from.charAt(i - 1) == into.charAt(j - 1) ? 0 : 1;
        int least = Math.min(Math.min(table[i - 1][j], table[i][j - 1]) + 1, table[i - 1][j - 1] + same);
        boolean swapped =
                i > 1 && j > 1 && from.charAt(i - 1) == into.charAt(j - 2) && from.charAt(i - 2) == into.charAt(j - 1);
        return swapped ? Math.min(least, table[i - 2][j - 2] + 1) : least;
    }
}
