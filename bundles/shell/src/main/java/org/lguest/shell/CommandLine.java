package org.lguest.shell;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToIntFunction;
import org.lguest.api.LaunchException;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * P:110 {@code lguest 64 vmlinux --block=root.img root=/dev/vda}: the command line of the original launcher. The boot class
 * calls it with the words and makes the number that it returns the exit status: 0 when the guest powered off, 1 with a
 * sentence on standard error when it crashed, was killed or never began, 2 when the words make no sense, 130 when the user
 * had enough.
 */
@Component(service = ToIntFunction.class, property = "org.lguest.main=true")
public final class CommandLine implements ToIntFunction<String[]> {
    private static final int USAGE = 2;

    private final Guests guests;
    private final Version version;
    private final PrintStream err = System.err;

    /** Called by Declarative Services. */
    @Activate
    public CommandLine(@Reference Guests guests, BundleContext context) {
        this.guests = guests;
        this.version = context.getBundle().getVersion();
    }

    @Override
    public int applyAsInt(String[] words) {
        try {
            Options options = Options.parse(List.of(words), Path.of(""), guests.engines());
            if (options.help()) System.out.print(help());
            else if (options.version()) System.out.println("jlguest " + version + ", Java " + Runtime.version());
            else return new Foreground(guests, new FileInputStream(FileDescriptor.in), new FileOutputStream(FileDescriptor.out), err).run(options);
            return Foreground.OK;
        } catch (UsageException e) {
            err.println("lguest: " + e.getMessage() + " (lguest --help tells more)");
            return USAGE;
        } catch (LaunchException | IOException e) {
            err.println("lguest: " + e.getMessage());
            return Foreground.FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Foreground.INTERRUPTED;
        }
    }

    private static String help() throws IOException {
        try (InputStream in = CommandLine.class.getResourceAsStream("usage.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
