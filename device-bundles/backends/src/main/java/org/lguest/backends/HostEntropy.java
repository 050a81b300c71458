package org.lguest.backends;

import java.security.SecureRandom;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.lguest.api.part.EntropySource;
import org.osgi.service.component.annotations.Component;

/** {@code host:} the host's random numbers. */
@Component
public final class HostEntropy implements BackendProvider {
    private final SecureRandom random = new SecureRandom();

    @Override
    public DeviceType type() { return DeviceType.RNG; }

    @Override
    public String scheme() { return "host"; }

    @Override
    public Backend open(Guest guest, String rest) {
        return new EntropySource() {
            @Override
            public void next(byte[] to, int offset, int length) {
                byte[] bytes = new byte[length];
                random.nextBytes(bytes);
                System.arraycopy(bytes, 0, to, offset, length);
            }

            @Override
            public String describe() { return "the host's random numbers"; }

            @Override
            public void close() { }
        };
    }
}
