package org.lguest.shell;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lguest.api.Farewell;
import org.lguest.api.GuestSpec;
import org.lguest.api.Limits;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.KernelSource;

/**
 * The original launcher's command line (ABI section 11.10), understood: options may stand anywhere, as in
 * {@code lguest 64 vmlinux --block=root.img root=/dev/vda}, and end at {@code --}; the first other word is the memory, the
 * second the kernel, and the rest is the kernel's.
 *
 * @param spec    what to start
 * @param verbose tell what happens
 * @param attach  of {@code lguest:start}: connect the terminal at once
 * @param help    only tell how to use it
 * @param version only tell which it is
 */
record Options(GuestSpec spec, boolean verbose, boolean attach, boolean help, boolean version) {
    /** Memory of the bundled guest, in MiB, when nobody says otherwise. */
    static final int DEFAULT_MIB = 32;
    private static final List<String> KNOWN = List.of("--attach", "--await", "--block", "--console-log", "--cpu", "--device", "--engine", "--grace",
        "--help", "--initrd", "--name", "--net", "--pae", "--prefer", "--rng",
        "--sharenet", "--shutdown", "--tunnet", "--verbose", "--version");

    /**
     * Understands the words.
     *
     * @param folder  from which relative file names are meant
     * @param engines names of those that are there, for who mistypes one
     */
    static Options parse(List<String> words, Path folder, List<String> engines) throws UsageException { return new Parser(words, folder, engines).parse(); }

    private static final class Parser {
        private final Path folder;
        private final List<String> engines;
        private final ArrayDeque<String> left;
        private final List<String> positional = new ArrayList<>();
        private final List<GuestSpec.Device> devices = new ArrayList<>();
        private String name, shutdown;
        private Path initrd, consoleLog;
        private Boolean pae;
        private int grace = Farewell.USUAL_SECONDS;
        private Limits limits = Limits.NONE;
        private final Map<String, String> seats = new TreeMap<>();
        private boolean verbose, attach, help, version;

        Parser(List<String> words, Path folder, List<String> engines) {
            this.folder = folder;
            this.engines = engines;
            left = new ArrayDeque<>(words);
        }

        Options parse() throws UsageException {
            while (!left.isEmpty()) {
                String word = left.poll();
                if (word.equals("--")) {
                    positional.addAll(left);
                    left.clear();
                } else if (word.length() > 1 && word.startsWith("-")) {
                    option(word);
                } else {
                    positional.add(word);
                }
            }
            return new Options(help || version ? null : spec(), verbose, attach, help, version);
        }

        private void option(String word) throws UsageException {
            int equals = word.indexOf('=');
            String option = equals < 0 ? word : word.substring(0, equals);
            String value = equals < 0 ? null : word.substring(equals + 1);
            switch (option) {
                case "--block" -> devices.add(new GuestSpec.Device(DeviceType.BLOCK, new DiskOption(folder).backend(limited(option, value(option, value)))));
                case "--device" -> devices.add(GuestSpec.Device.parse(limited(option, value(option, value)), false));
                case "--await" -> devices.add(GuestSpec.Device.parse(limited(option, value(option, value)), true));
                case "--cpu" -> limits = limits.cpu(Rates.share(value(option, value)));
                case "--console-log" -> consoleLog = folder.resolve(value(option, value));
                case "--net" -> devices.add(Cards.net(limited(option, value(option, value)), folder));
                case "--engine" -> seats.put(Guests.CPU, engine(value(option, value)));
                case "--prefer" -> prefer(value(option, value));
                case "--shutdown" -> shutdown = value(option, value);
                case "--grace" -> grace = seconds(option, value(option, value));
                case "--initrd" -> initrd = folder.resolve(value(option, value));
                case "--name" -> name = value(option, value);
                case "--rng" -> {
                    none(option, value);
                    devices.add(new GuestSpec.Device(DeviceType.RNG, "host:"));
                }
                case "--pae" -> pae = none(option, value);
                case "--verbose", "-v" -> verbose = none(option, value);
                case "--attach" -> attach = none(option, value);
                case "--help", "-h" -> help = none(option, value);
                case "--version" -> version = none(option, value);
                case "--tunnet" -> devices.add(Cards.tunnet(limited(option, value(option, value))));
                case "--sharenet" -> devices.add(new GuestSpec.Device(DeviceType.NET, "share:" + folder.resolve(value(option, value))));
                case "--username", "--chroot" -> throw new UsageException(option + " is not needed: a guest cannot reach the host's files");
                default -> throw new UsageException("unknown option " + word + Nearest.hint(option, KNOWN)
                    + "; words that begin with - and are meant for the kernel go behind --");
            }
        }

        private String value(String option, String value) throws UsageException {
            String v = value != null ? value : left.poll();
            if (v == null || v.isEmpty()) throw new UsageException(option + " needs a value: " + option + "=...");
            return v;
        }

        /** The spec of the device that comes next, without the options that limit it. */
        private String limited(String option, String spec) throws UsageException {
            if (Files.exists(folder.resolve(spec))) return spec;
            Rates.Split s = Rates.split(option, spec);
            limits = limits.device(devices.size(), s.rate());
            return s.spec();
        }

        private static boolean none(String option, String value) throws UsageException {
            if (value != null) throw new UsageException(option + " takes no value");
            return true;
        }

        private GuestSpec spec() throws UsageException {
            int memory = positional.isEmpty() ? DEFAULT_MIB : megabytes(positional.get(0));
            Path kernel = positional.size() < 2 ? null : kernel(positional.get(1));
            if (consoleLog != null) devices.add(new GuestSpec.Device(DeviceType.CONSOLE, "hub:log=" + consoleLog)); // the console is last on the bus
            String commandLine = positional.size() < 3 ? "" : String.join(" ", positional.subList(2, positional.size()));
            GuestSpec spec = new GuestSpec(name, memory, kernel, initrd, commandLine, devices, pae, limits, seats);
            Farewell usual = spec.farewell().within(grace);
            return spec.leaving(shutdown == null ? usual : usual.saying(shutdown));
        }

        private void prefer(String value) throws UsageException {
            int equals = value.indexOf('=');
            if (equals <= 0 || equals == value.length() - 1) throw new UsageException("--prefer=" + value + " is not understood: want --prefer=SEAT=PROVIDER");
            seats.put(value.substring(0, equals), value.substring(equals + 1));
        }

        /** A short word for {@code --prefer=cpu=NAME}; who says it means one that is there, unless a bundle is named. */
        private String engine(String name) throws UsageException {
            if (engines.isEmpty() || name.contains("/") || engines.stream().anyMatch(name::equalsIgnoreCase)) return name;
            throw new UsageException("there is no engine '" + name + "'" + Nearest.hint(name, engines) + "; there are: " + String.join(", ", engines));
        }

        private static int seconds(String option, String word) throws UsageException {
            try {
                int n = Integer.parseInt(word);
                return Farewell.NONE.within(n).seconds();
            } catch (IllegalArgumentException e) {
                throw new UsageException(option + "=" + word + ": want seconds, 0 to 3600", e);
            }
        }

        private static int megabytes(String word) throws UsageException {
            try {
                int n = Integer.parseInt(word);
                if (n > 0) return n;
            } catch (NumberFormatException e) { // told below
            }
            throw new UsageException("the guest's memory, the first word, is in MB, a number above 0, and not \"" + word + "\"");
        }

        /** The bundled guests go by name, unless there is a file of that name. */
        private Path kernel(String word) {
            Path file = folder.resolve(word);
            if (Files.exists(file)) return file;
            if (word.equals(KernelSource.PUPPY_CLASSIC)) return Path.of(word);
            if (word.equals(KernelSource.PUPPY_PAE)) pae = true;
            return word.equals(KernelSource.PUPPY) || word.equals(KernelSource.PUPPY_PAE) ? null : file;
        }
    }
}
