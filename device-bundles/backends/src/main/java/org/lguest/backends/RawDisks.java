package org.lguest.backends;

import java.io.IOException;
import java.util.Set;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.osgi.service.component.annotations.Component;

/** {@code raw:FILE[,ro][,bs=N]}: a file whose bytes are the disk's; read-only; with blocks of N bytes. */
@Component
public final class RawDisks implements BackendProvider {
    @Override
    public DeviceType type() { return DeviceType.BLOCK; }

    @Override
    public String scheme() { return "raw"; }

    @Override
    public Backend open(Guest guest, String rest) throws IOException {
        DiskSpec spec = new DiskSpec(rest, Set.of("ro", "bs"));
        boolean readOnly = spec.flag("ro");
        int blockSize = spec.blockSize();
        DiskFile file = DiskFile.open(spec.path(), !readOnly);
        try {
            if (file.size() < blockSize)
                throw new IOException("the disk image " + file.path() + " is empty; give it a size, for example with: truncate -s 64M " + file.path());
            return new RawDisk(file, readOnly, blockSize);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }
}
