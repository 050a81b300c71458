package org.lguest.backends;

import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.osgi.service.component.annotations.Component;

/** {@code hub:} a console in memory that terminals, shells and logs attach to. */
@Component
public final class HubConsoles implements BackendProvider {
    @Override
    public DeviceType type() { return DeviceType.CONSOLE; }

    @Override
    public String scheme() { return "hub"; }

    @Override
    public Backend open(Guest guest, String rest) { return new HubConsole(); }
}
