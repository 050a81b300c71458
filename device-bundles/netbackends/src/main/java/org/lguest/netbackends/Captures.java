package org.lguest.netbackends;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code pcap:FILE,SPEC}: a card at SPEC whose frames, both ways, are written down in FILE. */
@Component
public final class Captures implements BackendProvider {
    private final Plugs plugs;

    /** Called by Declarative Services. */
    @Activate
    public Captures(@Reference Plugs plugs) { this.plugs = plugs; }

    @Override
    public DeviceType type() { return DeviceType.NET; }

    @Override
    public String scheme() { return "pcap"; }

    @Override
    public Backend open(Guest guest, String rest) throws IOException {
        int comma = rest.indexOf(',');
        if (comma <= 0) throw new IOException("'pcap:" + rest + "' has no file and card: want pcap:FILE,SPEC");
        Path path = Path.of(rest.substring(0, comma));
        String spec = rest.substring(comma + 1);
        Plug behind = plugs.open(guest, spec);
        try {
            return new Capture(guest, path, guest + " " + spec, behind, InstantSource.system());
        } catch (IOException e) {
            behind.close();
            throw Reasons.of("the capture file " + path + " cannot be written", e);
        }
    }
}
