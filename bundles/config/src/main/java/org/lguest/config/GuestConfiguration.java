package org.lguest.config;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/**
 * The keys of a guest's configuration. Those that are options of the command line, too, are spelled as there and understood by the same
 * code; so is any option that is not mentioned here.
 */
@ObjectClassDefinition(name = "lguest: a guest", description = "A guest that is started when this configuration appears, and stopped when it goes.",
    factoryPid = GuestConfiguration.PID)
@interface GuestConfiguration {
    String PID = "org.lguest.guest";
    String MEMORY = "memory", KERNEL = "kernel", COMMAND_LINE = "command-line", NAME = "name", PREFER = "prefer", AUTOSTART = "autostart";
    String RESTART = "restart", RESTART_DELAY = "restart-delay", RESTART_FACTOR = "restart-factor", RESTART_MOST = "restart-most", RESTART_RESET = "restart-reset";

    @AttributeDefinition(required = false, description = "Name of the guest: a letter, then letters, digits, '.', '_' and '-'. Usually what "
        + "stands behind " + PID + "- in the name of the file.")
    String name();

    @AttributeDefinition(required = false, description = "Memory in MB.", min = "1")
    int memory() default 32;

    @AttributeDefinition(required = false, description = "Image of the kernel, vmlinux or bzImage; puppy or puppy-pae for the bundled "
        + "guest. File names are meant from the folder of the file on.")
    String kernel() default "puppy";

    @AttributeDefinition(required = false, description = "Words for the kernel.")
    String command$_$line();

    @AttributeDefinition(required = false, description = "An initial ram disk.")
    String initrd();

    @AttributeDefinition(required = false, description = "Disks: FILE[,ro], overlay:BASE[,file=FILE], qcow2:FILE[,ro] or mem:SIZE, and "
        + "behind each ,rate=BYTES and ,ops=REQUESTS a second. Several in one file: block.1, block.2.")
    String[] block();

    @AttributeDefinition(required = false, description = "Network cards: user, switch:NAME, socket:connect=HOST:PORT, tap:NAME, pcap:FILE,SPEC, mac:ADDRESS,SPEC.")
    String[] net();

    @AttributeDefinition(required = false, description = "Network cards at new taps of the host: IP[:MAC] or bridge:NAME[:MAC].")
    String[] tunnet();

    @AttributeDefinition(required = false, description = "Networks of several runtimes, in files.")
    String[] sharenet();

    @AttributeDefinition(required = false, description = "A source of random numbers.")
    boolean rng() default false;

    @AttributeDefinition(required = false, description = "Devices of any kind that is installed: LABEL[:BACKEND].")
    String[] device();

    @AttributeDefinition(required = false, description = "The same, but the guest starts without when nobody has brought such a device yet.")
    String[] await();

    @AttributeDefinition(required = false, description = "What the guest prints is also appended to this file.")
    String console$_$log();

    @AttributeDefinition(required = false, description = "Page tables are PAE, for kernels that do not tell.")
    boolean pae() default false;

    @AttributeDefinition(required = false, description = "At most this share of one core, in percent. Changes at once.")
    String cpu();

    @AttributeDefinition(required = false, description = "What executes the guest's code: interpreter or tiered; short for prefer.cpu. Changes at once.")
    String engine();

    @AttributeDefinition(required = false, description = "SEAT=PROVIDER: whom the guest would rather have in a seat; in a file, prefer.SEAT "
        + "= PROVIDER. Changes at once.")
    String[] prefer();

    @AttributeDefinition(required = false, description = "What to type on the console so that the guest powers off; puppy needs none. Changes at once.")
    String shutdown();

    @AttributeDefinition(required = false, description = "Seconds that it has for that. Changes at once.", min = "0", max = "3600")
    int grace() default 10;

    @AttributeDefinition(required = false, description = "Start it when the configuration appears or is edited; otherwise lguest:restart does. Changes at once.")
    boolean autostart() default true;

    @AttributeDefinition(required = false, description = "When a guest that has ended is started anew, unless the user has stopped it. Changes at once.",
        options = {@Option(label = "never", value = "never"), @Option(label = "on-crash", value = "on-crash"), @Option(label = "always", value = "always")})
    String restart() default "on-crash";

    @AttributeDefinition(required = false, description = "Before the first restart: 500ms, 2s, 5m, 1h.")
    String restart$_$delay() default "1s";

    @AttributeDefinition(required = false, description = "By which the delay grows with each restart.")
    double restart$_$factor() default 2;

    @AttributeDefinition(required = false, description = "The delay does not grow above that.")
    String restart$_$most() default "5m";

    @AttributeDefinition(required = false, description = "A guest that has run for so long begins with the first delay again.")
    String restart$_$reset() default "10m";
}
