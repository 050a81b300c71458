package org.lguest.shell;

import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.lguest.api.Guest;
import org.lguest.api.part.GeneratedCode;
import org.lguest.api.part.Seat;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * P:180 What became of the guest's code. An engine that turns hot code into classes of the JVM tells which, and how much of the guest's
 * work is done in them; one can read what the guest has there, and what the JVM has.
 */
@Component(service = JitCommand.class, immediate = true)
@GogoCommand(scope = "lguest", function = "jit")
public final class JitCommand extends Commands {
    private static final int USUAL = 20;
    private static final String WHICH = "name or number of the guest", BYTECODE = "--bytecode";

    private final Guests guests;

    /** Called by Declarative Services. */
    @Activate
    public JitCommand(@Reference Guests guests) { this.guests = guests; }

    @Descriptor("lists the code that was generated for a guest and did most of its instructions: guest-physical address, share of all instructions, instructions of "
        + "the guest in it, bytes of the JVM's method, entries, instructions completed in it, in all and an entry, and how often it gave up at an instruction")
    public String jit(@Descriptor(WHICH) String guest,
            @Descriptor("N or ADDRESS: how many to list, 20 without; or an address as they are listed, with 0x in front, for the guest's "
                + "instructions there. " + BYTECODE + " behind it adds the JVM's") String... what) throws UsageException {
        Guest g = guests.living(guest);
        Words words = Words.parse(what);
        HotCode code = new HotCode(generated(g), g.cpu().retired);
        List<String> lines = words.address == null ? code.hottest(words.count) : code.at(words.address, words.bytecode);
        if (lines.isEmpty()) throw new UsageException(String.format("no code begins at 0x%08x of %s; \"lguest:jit %s\" tells where some does", words.address, g, g));
        return String.join("\n", lines);
    }

    /** What is asked for: the first {@code count}, or what begins at {@code address} when that is not null. */
    record Words(int count, Long address, boolean bytecode) {
        static Words parse(String... words) throws UsageException {
            int count = USUAL;
            Long address = null;
            boolean bytecode = false, counted = false;
            for (String w : words) {
                if (w.equals(BYTECODE)) bytecode = true;
                else if (address != null || counted) throw new UsageException("one number or address is enough: " + String.join(" ", words));
                else if (w.matches("0[xX][0-9a-fA-F]{1,10}")) address = Long.parseLong(w.substring(2), 16);
                else if (w.matches("[1-9][0-9]{0,5}")) {
                    count = Integer.parseInt(w);
                    counted = true;
                } else throw new UsageException("\"" + w + "\" is not understood: want how many to list, an address such as 0x00104fe0, or " + BYTECODE);
            }
            if (bytecode && address == null) throw new UsageException(BYTECODE + " is told for one address: lguest:jit GUEST 0x00104fe0 " + BYTECODE);
            return new Words(count, address, bytecode);
        }
    }

    /** What is in use, or a sentence that says why there is nothing. */
    private List<GeneratedCode> generated(Guest g) throws UsageException {
        List<GeneratedCode> code = Generated.in(g);
        if (!code.isEmpty()) return code;
        Optional<Seat> seat = guests.host().machine(g).stream().filter(s -> s.name().equals(Guests.CPU)).findFirst();
        String who = seat.flatMap(Seat::taken).map(Seat.Provider::about).orElse("nobody");
        String others = seat.stream().flatMap(s -> s.providers().stream()).filter(p -> !p.sits()).map(p -> "\"lguest:swap " + g + " cpu " + p.name() + "\"")
            .reduce((a, b) -> a + ", " + b).map(s -> "; others that could run it: " + s).orElse("");
        throw new UsageException("no code is in use that was generated for " + g + ": the engine " + who + " has not made any" + others);
    }

    @Override
    public List<String> completions(List<String> words, int index) {
        if (index == 1) return guests.names();
        if (index == 2) return guests.host().find(words.get(1)).map(g -> new HotCode(Generated.in(g), 1).addresses(USUAL)).orElse(List.of());
        return index == 3 ? List.of(BYTECODE) : List.of();
    }
}
