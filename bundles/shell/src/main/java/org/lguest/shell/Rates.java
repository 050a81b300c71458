package org.lguest.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lguest.api.Limits;
import org.lguest.api.state.Rate;

/** Limits in words: {@code 25} percent of a core, and {@code rate=10M,ops=200} for a device. */
final class Rates {
    /** No limit. */
    static final String OFF = "off";

    private static final Pattern OPTION = Pattern.compile(",(rate|ops)=([^,]*)");
    private static final Pattern COUNT = Pattern.compile("(\\d{1,15})([kKMG]?)");
    private static final Pattern SHARE = Pattern.compile("(\\d{1,3})%?");

    private Rates() { }

    /** A device's spec, and the options of this class that stood somewhere in it. */
    record Split(String spec, Rate rate) { }

    /** Takes {@code ,rate=BYTES} and {@code ,ops=REQUESTS} out of a device's spec; {@code option} is for the complaint. */
    static Split split(String option, String spec) throws UsageException {
        Rate rate = Rate.NONE;
        Matcher m = OPTION.matcher(spec);
        while (m.find()) rate = with(rate, m.group(1), count(m.group(1) + "=" + m.group(2), m.group(2), option + "=" + spec));
        return new Split(m.replaceAll(""), rate);
    }

    /** {@code rate=BYTES}, {@code ops=REQUESTS}, both with a comma between them, or {@code off}. */
    static Rate parse(String words) throws UsageException {
        if (words.equals(OFF)) return Rate.NONE;
        Split s = split("", "," + words);
        if (!s.spec().isEmpty())
            throw new UsageException("\"" + words + "\" limits nothing: want rate=BYTES a second, ops=REQUESTS a second, both with a comma between them, or off");
        return s.rate();
    }

    private static Rate with(Rate r, String key, long count) { return key.equals("rate") ? new Rate(count, r.requests()) : new Rate(r.bytes(), count); }

    private static long count(String what, String text, String where) throws UsageException {
        Matcher m = COUNT.matcher(text);
        long n = m.matches() ? Long.parseLong(m.group(1)) * unit(m.group(2)) : 0;
        if (n <= 0) throw new UsageException(what + (where.startsWith("=,") ? "" : " in " + where)
            + ": want a number above 0, K, M or G behind it for binary thousands");
        return n;
    }

    private static long unit(String letter) {
        return letter.isEmpty() ? 1 : 1L << 10 * ("KMG".indexOf(letter.toUpperCase(Locale.ROOT)) + 1);
    }

    /** A share of one core in percent: {@code 25}, {@code 25%}, or {@code off}, which is 0. */
    static int share(String words) throws UsageException {
        Matcher m = SHARE.matcher(words);
        int n = m.matches() ? Integer.parseInt(m.group(1)) : words.equals(OFF) ? 100 : 0;
        if (n < 1 || n > 100) throw new UsageException("\"" + words + "\" is no share of the processor: want 1 to 100, percent of one core");
        return n == 100 ? 0 : n;
    }

    /** As {@link #share} understands it. */
    static String words(int share) { return share == 0 ? OFF : Integer.toString(share); }

    /** As {@link #parse} understands it. */
    static String words(Rate r) {
        List<String> words = new ArrayList<>();
        if (r.bytes() > 0) words.add("rate=" + words(r.bytes()));
        if (r.requests() > 0) words.add("ops=" + words(r.requests()));
        return words.isEmpty() ? OFF : String.join(",", words);
    }

    private static String words(long count) {
        int unit = Math.min(3, Long.numberOfTrailingZeros(count) / 10);
        return (count >> 10 * unit) + (unit == 0 ? "" : String.valueOf("KMG".charAt(unit - 1)));
    }

    /** Whether anything is limited. */
    static boolean any(Limits l) { return l.cpuPercent() > 0 || !l.devices().isEmpty(); }
}
