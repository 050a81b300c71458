package org.lguest.backends;

import java.io.IOException;
import java.util.Set;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.osgi.service.component.annotations.Component;

/**
 * {@code qcow2:FILE[,ro][,bs=N]}: a disk in an image of QEMU's format, of version 2 or 3. Packed clusters are read; images with snapshots are
 * read only; those with encryption, a backing file or other features that change their meaning are refused.
 */
@Component
public final class QcowDisks implements BackendProvider {
    @Override
    public DeviceType type() { return DeviceType.BLOCK; }

    @Override
    public String scheme() { return "qcow2"; }

    @Override
    public Backend open(Guest guest, String rest) throws IOException {
        DiskSpec spec = new DiskSpec(rest, Set.of("ro", "bs"));
        boolean readOnly = spec.flag("ro");
        int blockSize = spec.blockSize();
        DiskFile file = DiskFile.open(spec.path(), !readOnly);
        try {
            return new QcowDisk(file, readOnly, blockSize);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }
}
