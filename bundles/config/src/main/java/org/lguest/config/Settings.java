package org.lguest.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One configuration as it came: where it is from, and what it says.
 *
 * @param origin the file's name, or the PID when it is from no file: what people know it by
 * @param name   what stands behind the factory's PID in that, the {@code rex} of {@code org.lguest.guest-rex.cfg}; null when nothing does
 * @param folder from which on file names in it are meant
 * @param values in natural order of the keys, several for a key that was given an array
 */
record Settings(String origin, String name, Path folder, TreeMap<String, List<String>> values) {
    private static final String FILE = "felix.fileinstall.filename"; // a URI, from FileInstall

    /** Understands what the configuration admin hands over; what it and FileInstall have added is left out. */
    static Settings of(String pid, Dictionary<String, ?> properties) {
        Path file = properties.get(FILE) instanceof String s ? Path.of(URI.create(s)) : null;
        String origin = file == null ? pid : file.getFileName().toString();
        TreeMap<String, List<String>> values = new TreeMap<>(Settings::naturally);
        for (String key : Collections.list(properties.keys()))
            if (!key.startsWith("service.") && !key.startsWith("felix.") && !key.startsWith(".")) values.put(key, strings(properties.get(key)));
        Path folder = file == null ? Path.of("") : file.getParent();
        return new Settings(origin, name(file == null ? pid : origin.replaceFirst("\\.[a-z]+$", "")), folder.toAbsolutePath(), values);
    }

    /** The same place, when it says something else. */
    Settings saying(Map<String, List<String>> said) {
        TreeMap<String, List<String>> others = new TreeMap<>(Settings::naturally);
        others.putAll(said);
        return new Settings(origin, name, folder, others);
    }

    private static String name(String id) {
        String rest = id.startsWith(GuestConfiguration.PID) ? id.substring(GuestConfiguration.PID.length()) : "";
        return rest.length() > 1 && "-~".indexOf(rest.charAt(0)) >= 0 ? rest.substring(1) : null;
    }

    private static List<String> strings(Object value) {
        List<String> all = new ArrayList<>();
        switch (value) {
            case Object[] many -> { for (Object o : many) all.add(o.toString().strip()); }
            case Collection<?> many -> { for (Object o : many) all.add(o.toString().strip()); }
            default -> all.add(value.toString().strip());
        }
        all.removeIf(String::isEmpty); // "initrd =" says nothing
        return List.copyOf(all);
    }

    /** {@code block.2} before {@code block.10}. */
    private static int naturally(String a, String b) {
        int byLength = Integer.compare(a.length(), b.length());
        return sameBase(a, b) && byLength != 0 ? byLength : a.compareTo(b);
    }

    private static boolean sameBase(String a, String b) { return a.replaceFirst("\\d+$", "").equals(b.replaceFirst("\\d+$", "")); }

    /** The value of a key that has one at most; null when it is not there. */
    String value(String key) {
        List<String> all = values.getOrDefault(key, List.of());
        return all.isEmpty() ? null : String.join(" ", all);
    }

    /** A complaint about a value: the place, then the sentence. */
    RefusedException wrong(String key, String value, String sentence) { return new RefusedException(origin + ": " + key + " = " + value + ": " + sentence); }
}
