import { Option, type Command } from 'commander';
import { machine } from '../runtime/machine.ts';
import { examine, plainText } from '../services/doctor/doctor.ts';
import { exitCode, type Context } from './context.ts';
import { install, remove, type CudaOptions } from './cuda.ts';
import { computeOf, withCompute, type ComputeOptions } from './options.ts';

export const doctorCommand = (command: Command): Command =>
  withCompute(command.description('what works on this machine, and how fast'))
    .addOption(
      new Option('--install-cuda', 'fetch and prove the libraries of the CUDA provider').conflicts('removeCuda'),
    )
    .option('--with-cuda-libraries', "with --install-cuda: fetch CUDA's and cuDNN's libraries too, by pip (about 2 GB)")
    .option('--remove-cuda', 'remove what --install-cuda installed');

/**
 * Prints what the engine finds here.
 * @returns 2 where the teacher or the provider asked for can't run
 */
export async function doctor(
  options: ComputeOptions & CudaOptions,
  context: Context,
  version: string,
): Promise<number> {
  if (options.installCuda) return install(options, context.cuda, context);
  if (options.removeCuda) return remove(context.cuda, context);
  const here = machine();
  const { sections, works } = await examine(
    { ...here, versions: { nferd: version, ...here.versions } },
    context.teachers,
    context.ports(computeOf(options)),
    context.watch.clock,
  );
  context.print(plainText(sections));
  return works ? exitCode.normal : exitCode.error;
}
