package org.lguest.netbackends;

import java.io.IOException;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.osgi.service.component.annotations.Component;

/** {@code tap:NAME[,ip=ADDRESS[/BITS]][,bridge=NAME]}: an interface of the Host's network. */
@Component
public final class Taps implements BackendProvider {
    @Override
    public DeviceType type() { return DeviceType.NET; }

    @Override
    public String scheme() { return "tap"; }

    @Override
    public Backend open(Guest guest, String rest) throws IOException {
        TapDevice tap = new TapDevice(TapSpec.parse(rest));
        try {
            return new TapPort(guest, tap);
        } catch (IOException e) {
            tap.close();
            throw e;
        }
    }
}
