package org.lguest.netbackends;

import java.io.IOException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code mac:ADDRESS,SPEC}: a card at SPEC that has this address. */
@Component
public final class Addresses implements BackendProvider {
    private static final Pattern SPEC = Pattern.compile("([0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}),(.+)");

    private final Plugs plugs;

    /** Called by Declarative Services. */
    @Activate
    public Addresses(@Reference Plugs plugs) { this.plugs = plugs; }

    @Override
    public DeviceType type() { return DeviceType.NET; }

    @Override
    public String scheme() { return "mac"; }

    @Override
    public Backend open(Guest guest, String rest) throws IOException {
        Matcher m = SPEC.matcher(rest);
        if (!m.matches()) throw new IOException("'mac:" + rest + "' has no address and card: want mac:02:00:00:00:00:01,SPEC");
        if (guest.control().open()) throw new IOException("Linux 2.6.23 makes the address of its card itself: leave 'mac:" + m.group(1) + ",' away");
        byte[] address = HexFormat.ofDelimiter(":").parseHex(m.group(1));
        if ((address[0] & 1) != 0) throw new IOException(m.group(1) + " is the address of a group; that of a card has an even first byte");
        return new InFront(plugs.open(guest, m.group(2))) {
            @Override
            public byte[] mac() { return address.clone(); }

            @Override
            public String describe() { return behind.describe(); }
        };
    }
}
