package org.lguest.shell;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.lguest.api.Trace.Category;

/**
 * What {@code lguest:trace} is told behind the guest.
 *
 * @param categories what is to be watched
 * @param count      lines after which it ends; 0 for no end
 * @param file       where the lines go, in the background; null for the terminal
 * @param keep       how many of the last lines are kept in the background until somebody asks, or the guest dies; 0 for none
 * @param off        ends what was begun in the background
 */
record TraceWords(Set<Category> categories, int count, Path file, int keep, boolean off) {
    /** More would push the guest's own events out of its log. */
    static final int MOST_KEPT = 400;
    /** All but each instruction. */
    static final Set<Category> USUAL = EnumSet.complementOf(EnumSet.of(Category.INSTRUCTIONS));
    private static final List<String> OPTIONS = List.of("all", "off", "--count=", "--file=", "--keep=");

    /** Files are meant from a folder on. */
    static TraceWords parse(String[] words, Path folder) throws UsageException {
        Set<Category> categories = EnumSet.noneOf(Category.class);
        int count = 0, keep = 0;
        Path file = null;
        boolean off = false;
        for (String word : words) {
            String value = word.substring(word.indexOf('=') + 1);
            switch (word.replaceFirst("=.*", "=")) {
                case "--count=" -> count = number(word, value, Integer.MAX_VALUE);
                case "--keep=" -> keep = number(word, value, MOST_KEPT);
                case "--file=" -> file = file(word, value, folder);
                case "off" -> off = true;
                case "all" -> categories.addAll(EnumSet.allOf(Category.class));
                default -> categories.add(category(word));
            }
        }
        if (off && words.length > 1) throw new UsageException("\"off\" ends what is watched in the background, and takes no other word");
        if ((file != null ? 1 : 0) + (keep > 0 ? 1 : 0) + (count > 0 ? 1 : 0) > 1) throw new UsageException("--count, --file and --keep do not go together");
        return new TraceWords(categories.isEmpty() ? USUAL : categories, count, file, keep, off);
    }

    private static Category category(String word) throws UsageException {
        for (Category c : Category.values()) if (Watch.name(c).equals(word)) return c;
        throw new UsageException("nothing called " + word + " can be watched" + Nearest.hint(word.replaceFirst("=.*", "="), words())
            + "; there are: " + String.join(", ", names()));
    }

    /** What can be watched. */
    static List<String> names() { return java.util.Arrays.stream(Category.values()).map(Watch::name).toList(); }

    /** All words that are understood, as far as they are always the same. */
    static List<String> words() {
        List<String> all = new ArrayList<>(names());
        all.addAll(OPTIONS);
        return all;
    }

    private static int number(String word, String value, int most) throws UsageException {
        try {
            int n = Integer.parseInt(value);
            if (n > 0 && n <= most) return n;
        } catch (NumberFormatException e) { // told below
        }
        throw new UsageException(word + ": want a number from 1 to " + most);
    }

    private static Path file(String word, String value, Path folder) throws UsageException {
        if (value.isEmpty()) throw new UsageException(word + " names no file");
        return folder.resolve(value);
    }
}
