package org.lguest.shell;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** What somebody may have meant who typed something that there is not. */
final class Nearest {
    private Nearest() { }

    /** {@code "; did you mean --block?"}, or nothing when no known word is near. */
    static String hint(String typed, Collection<String> known) {
        return of(typed, known).map(k -> "; did you mean " + k + "?").orElse("");
    }

    /** The known word that is fewest changes away, one letter in three at most. */
    static Optional<String> of(String typed, Collection<String> known) {
        return known.stream().filter(k -> distance(typed, k) <= Math.max(1, k.length() / 3)).min(Comparator.comparingInt(k -> distance(typed, k)));
    }

    /** Letters to insert, drop or replace (Levenshtein). */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) row[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
