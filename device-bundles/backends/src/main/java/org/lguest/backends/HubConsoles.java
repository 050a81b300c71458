package org.lguest.backends;

import java.io.IOException;
import java.nio.file.Path;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.osgi.service.component.annotations.Component;

/** {@code hub:[log=FILE]}: a console in memory that terminals, shells and a log file attach to. */
@Component
public final class HubConsoles implements BackendProvider {
    private static final String LOG = "log=";

    @Override
    public DeviceType type() { return DeviceType.CONSOLE; }

    @Override
    public String scheme() { return "hub"; }

    @Override
    public Backend open(Guest guest, String rest) throws IOException {
        if (rest.isEmpty()) return new HubConsole(null);
        if (!rest.startsWith(LOG) || rest.length() == LOG.length()) throw new IOException("'" + rest + "' means nothing to a console: want log=FILE");
        return new HubConsole(new ConsoleLog(Path.of(rest.substring(LOG.length()))));
    }
}
