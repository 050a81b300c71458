package org.lguest.shell;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lguest.api.GuestSpec;
import org.lguest.api.abi.DeviceType;

/** Network cards on the command line: {@code --net=SPEC}, and {@code --tunnet} as the original launcher has it (ABI section 11.0). */
final class Cards {
    private static final Pattern TUNNET = Pattern.compile("(?:bridge:([^:,]+)|(\\d+\\.\\d+\\.\\d+\\.\\d+))(?::([0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}))?");
    private static final Pattern BEFORE_ANOTHER = Pattern.compile("(pcap|mac):([^,]+),(.+)");
    private static final Pattern UNIX = Pattern.compile("(socket:unix(?:-listen)?=)(.+)");

    private Cards() { }

    /** A card plugged into what SPEC says, {@code user} being short for {@code user:}; file names in it are meant from {@code folder} on. */
    static GuestSpec.Device net(String spec, Path folder) {
        return new GuestSpec.Device(DeviceType.NET, spec.indexOf(':') < 0 ? spec + ":" : resolve(spec, folder));
    }

    private static String resolve(String spec, Path folder) {
        Matcher m = BEFORE_ANOTHER.matcher(spec);
        if (m.matches()) return m.group(1) + ":" + (m.group(1).equals("pcap") ? folder.resolve(m.group(2)) : m.group(2)) + "," + resolve(m.group(3), folder);
        m = UNIX.matcher(spec);
        return m.matches() ? m.group(1) + folder.resolve(m.group(2)) : spec;
    }

    /** A tap of the host that gets an address, or is put into a bridge; behind a colon the address of the guest's card. */
    static GuestSpec.Device tunnet(String value) throws UsageException {
        Matcher m = TUNNET.matcher(value);
        if (!m.matches()) throw new UsageException("--tunnet=" + value + " is not understood: want --tunnet=IP[:MAC] or --tunnet=bridge:NAME[:MAC]");
        String tap = "tap:," + (m.group(1) != null ? "bridge=" + m.group(1) : "ip=" + m.group(2));
        return new GuestSpec.Device(DeviceType.NET, m.group(3) == null ? tap : "mac:" + m.group(3) + "," + tap);
    }
}
