package org.lguest.shell;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What TAB offers for the value of an option of {@code lguest:start}; the prompt's profile knows the options themselves. */
final class OptionWords {
    private static final Logger LOG = LoggerFactory.getLogger(OptionWords.class);
    private static final List<String> DISKS = List.of("overlay:", "qcow2:", "mem:");
    private static final List<String> CARDS = List.of("user", "user:hostfwd=tcp:", "switch:", "socket:connect=", "socket:listen=", "socket:unix=",
        "socket:unix-listen=",
        "tap:", "pcap:", "mac:");

    private OptionWords() { }

    /** Words that begin with {@code typed}: {@code --block=root.img} for {@code --block=ro}. Files are meant from {@code folder} on. */
    static List<String> values(String typed, Path folder, List<String> engines) {
        int equals = typed.indexOf('=');
        if (equals < 0) return List.of();
        String option = typed.substring(0, equals + 1);
        String value = typed.substring(equals + 1);
        List<String> values = new ArrayList<>();
        switch (option) {
            case "--block=" -> {
                values.addAll(DISKS);
                values.addAll(files(value, folder));
            }
            case "--initrd=", "--console-log=", "--sharenet=" -> values.addAll(files(value, folder));
            case "--net=" -> values.addAll(CARDS);
            case "--engine=" -> values.addAll(engines);
            case "--cpu=" -> values.addAll(List.of("10", "25", "50", "75"));
            default -> { }
        }
        return values.stream().filter(v -> v.startsWith(value)).sorted().map(v -> option + v).toList();
    }

    private static List<String> files(String typed, Path folder) {
        String parent = typed.substring(0, typed.lastIndexOf('/') + 1);
        List<String> names = new ArrayList<>();
        if (!Files.isDirectory(folder.resolve(parent))) return names;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder.resolve(parent))) {
            for (Path p : entries) names.add(parent + p.getFileName() + (Files.isDirectory(p) ? "/" : ""));
        } catch (IOException e) { // what cannot be listed cannot be offered
            LOG.debug("{} cannot be listed", folder.resolve(parent), e);
        }
        return names;
    }
}
