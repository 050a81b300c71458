package org.lguest.shell;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.part.SpecReader;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The words of the command line, for others who have them. */
@Component
public final class Reader implements SpecReader {
    private final Supplier<List<String>> engines;

    /** Called by Declarative Services. */
    @Activate
    public Reader(@Reference Guests guests) { this(guests::engines); }

    /** Knows the names of the engines from somebody else. */
    public Reader(Supplier<List<String>> engines) { this.engines = engines; }

    @Override
    public GuestSpec read(List<String> words, Path folder) throws LaunchException {
        try {
            Options o = Options.parse(words, folder, engines.get());
            if (o.spec() == null || o.attach() || o.verbose())
                throw new UsageException("--attach, --help, --verbose and --version are for those who sit at a terminal");
            return o.spec();
        } catch (UsageException e) {
            throw new LaunchException(e.getMessage(), e);
        }
    }
}
