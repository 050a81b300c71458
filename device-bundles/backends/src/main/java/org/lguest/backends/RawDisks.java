package org.lguest.backends;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.osgi.service.component.annotations.Component;

/** {@code raw:PATH[,ro]}: a file whose bytes are the disk's. */
@Component
public final class RawDisks implements BackendProvider {
    private static final String READ_ONLY = ",ro";

    @Override
    public DeviceType type() { return DeviceType.BLOCK; }

    @Override
    public String scheme() { return "raw"; }

    @Override
    public Backend open(Guest guest, String rest) throws IOException {
        boolean readOnly = rest.endsWith(READ_ONLY);
        Path path = Path.of(readOnly ? rest.substring(0, rest.length() - READ_ONLY.length()) : rest);
        if (!Files.exists(path)) throw new IOException("the disk image " + path + " does not exist");
        if (Files.isDirectory(path)) throw new IOException("the disk image " + path + " is a directory");
        try {
            return new RawDisk(path, readOnly);
        } catch (AccessDeniedException e) {
            throw new IOException("the disk image " + path + " may not be " + (readOnly ? "read" : "written to; add ,ro for a read-only disk"), e);
        }
    }
}
