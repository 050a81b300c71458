package org.lguest.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A block of the journey: a comment in the sources that opens with a label.
 *
 * @param label {@code H:050}: the part's letter, and the place in it
 * @param where the file, as a class name where it is one
 * @param text  plain, lines as long as they are written
 */
record Station(String label, String where, String text) implements Comparable<Station> {
    /** The parts in the order of the journey, as lguest has them. */
    enum Part {
        PREPARATION("what the whole is, and how it starts"),
        GUEST("what a kernel does that has no hardware: puppy's sources"),
        DRIVERS("devices, from both ends of their rings"),
        LAUNCHER("how a kernel gets into memory"),
        HOST("what holds a guest: threads, turns, page tables, hypercalls"),
        SWITCHER("the way from the Host into the Guest and back"),
        MASTERY("the software processor");

        /** A few words about it. */
        final String about;

        Part(String about) { this.about = about; }

        /** The letter of its labels. */
        char letter() { return name().charAt(0); }

        /** {@code Host}. */
        String title() { return name().charAt(0) + name().substring(1).toLowerCase(java.util.Locale.ROOT); }

        static Part of(char letter) {
            for (Part p : values()) if (p.letter() == letter) return p;
            throw new IllegalArgumentException("no part " + letter);
        }
    }

    private static final Pattern BLOCK = Pattern.compile("/\\*\\*?\\s*\\*?\\s*([PGDLHSM]:\\d{3})\\b(.*?)\\*/", Pattern.DOTALL);

    /** The part that it belongs to. */
    Part part() { return Part.of(label.charAt(0)); }

    /** Its first sentence. */
    String opening() {
        String s = text.strip().replaceAll("\\s+", " ");
        Matcher m = Pattern.compile("^.*?[.!?:](?= |$)").matcher(s);
        return m.find() ? m.group() : s;
    }

    @Override
    public int compareTo(Station o) {
        int byPart = part().compareTo(o.part());
        return byPart != 0 ? byPart : label.compareTo(o.label);
    }

    /** The stations in a source file. */
    static List<Station> in(String source, String where) {
        List<Station> found = new ArrayList<>();
        for (Matcher m = BLOCK.matcher(source); m.find();) found.add(new Station(m.group(1), where, plain(m.group(2))));
        return found;
    }

    /** Without the comment's margin, Javadoc's tags and HTML. */
    private static String plain(String comment) {
        String s = comment.replaceAll("(?m)^[ \\t]*\\* ?", "");
        s = s.replaceAll("(?ms)^@\\w+ .*", ""); // @param and its like come last, and belong to the code
        s = s.replaceAll("\\{@link(?:plain)? [^}\\s]+\\s+([^}]+)}", "$1").replaceAll("\\{@link(?:plain)? #?(?:[a-z]+\\.)*([^}]+)}", "$1");
        s = s.replaceAll("\\{@(?:code|value) #?([^}]+)}", "$1").replaceAll("(?<=\\w)#(?=[a-z])", ".");
        s = s.replaceAll("</?(?:p|pre|ul|ol|em|i|b|code)>", "").replaceAll("(?m)^[ \\t]*<li>", "- ").replace("</li>", "");
        s = s.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        return s.replaceAll("(?m)[ \\t]+$", "").replaceAll("\n{3,}", "\n\n").strip();
    }
}
