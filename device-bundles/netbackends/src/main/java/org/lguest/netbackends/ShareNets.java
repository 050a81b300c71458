package org.lguest.netbackends;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** {@code share:FILE}: a network of guests of Linux 2.6.23, of this runtime and others on this host. It exists as long as its file does. */
@Component
public final class ShareNets implements BackendProvider {
    /** How long a guest waits for the answer of another runtime. */
    private static final int PATIENCE_MILLIS = 1000;

    private final Map<Path, ShareFile> files = new HashMap<>();
    private final int patienceMillis;

    /** Called by Declarative Services. */
    @Activate
    public ShareNets() { this(PATIENCE_MILLIS); }

    /** For those who have more time than guests, or less. */
    ShareNets(int patienceMillis) { this.patienceMillis = patienceMillis; }

    @Override
    public DeviceType type() { return DeviceType.NET; }

    @Override
    public String scheme() { return "share"; }

    @Override
    public Backend open(Guest guest, String rest) throws IOException {
        if (!guest.control().open())
            throw new IOException("a network in a file is for guests of Linux 2.6.23; guests with virtio meet by --net=switch:NAME or --net=socket:unix=PATH");
        if (!System.getProperty("os.name").equals("Linux")) throw new IOException("a network in a file takes Linux as the host");
        if (rest.isEmpty()) throw new IOException("'share:' names no file: want share:FILE");
        synchronized (files) {
            ShareFile file = file(Path.of(rest).toAbsolutePath());
            file.users++;
            try {
                return new SharePlace(guest, file, () -> left(file));
            } catch (IOException e) {
                left(file);
                throw e;
            }
        }
    }

    private ShareFile file(Path path) throws IOException {
        try {
            Path real = Files.exists(path) ? path.toRealPath() : path.getParent().toRealPath().resolve(path.getFileName());
            ShareFile file = files.get(real);
            if (file == null) files.put(real, file = new ShareFile(real, patienceMillis));
            return file;
        } catch (NoSuchFileException e) {
            throw new IOException("the network file " + path + " cannot be made: the folder does not exist", e);
        } catch (AccessDeniedException e) {
            throw new IOException("the network file " + path + " may not be read and written; check its permissions", e);
        }
    }

    private void left(ShareFile file) {
        synchronized (files) {
            if (--file.users > 0) return;
            files.remove(file.path(), file);
            file.close();
        }
    }
}
