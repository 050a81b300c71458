package org.lguest.netbackends;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.osgi.service.component.annotations.Component;

/** {@code switch:NAME}: a port of a switch in this runtime. It exists as long as somebody is plugged into it. */
@Component
public final class Switches implements BackendProvider {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    private final Map<String, Switch> switches = new HashMap<>();

    @Override
    public DeviceType type() { return DeviceType.NET; }

    @Override
    public String scheme() { return "switch"; }

    @Override
    public Backend open(Guest guest, String rest) throws IOException {
        if (!NAME.matcher(rest).matches())
            throw new IOException("'" + rest + "' is no name for a switch: want switch:NAME, NAME of letters, digits, '.', '_' and '-'");
        synchronized (switches) { return switches.computeIfAbsent(rest, n -> new Switch(n, System::nanoTime, this::unused)).plug(guest); }
    }

    private void unused(Switch s) {
        synchronized (switches) {
            if (s.ports().isEmpty()) switches.remove(s.name(), s);
        }
    }
}
