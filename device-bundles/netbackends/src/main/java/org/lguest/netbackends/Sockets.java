package org.lguest.netbackends;

import java.io.IOException;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.osgi.service.component.annotations.Component;

/**
 * {@code socket:connect=HOST:PORT}, {@code socket:listen=[HOST:]PORT}, {@code socket:unix=PATH}, {@code socket:unix-listen=PATH}: a cable
 * to another program.
 */
@Component
public final class Sockets implements BackendProvider {
    @Override
    public DeviceType type() { return DeviceType.NET; }

    @Override
    public String scheme() { return "socket"; }

    @Override
    public Backend open(Guest guest, String rest) throws IOException {
        Line line = Lines.parse(rest);
        try {
            return new SocketPort(guest, line, guest.vcpu() != null);
        } catch (IOException e) {
            line.close();
            throw e;
        }
    }
}
